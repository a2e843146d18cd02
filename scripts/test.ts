/**
 * `npm test`: brings what the tests need, checks the code, then runs every test: first those that can run beside each
 * other, then those of pages, then the end-to-end ones, one after the other. Arguments narrow it down: `npm test -- test/shared`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { ensureAgentBuilt } from "./build-agent.ts";
import { ensureStandIns } from "./stand-ins.ts";
import type { SystemPart } from "./system/parts.ts";
import { prepareSystem } from "./system.ts";

const Report = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const log = (line: string) => console.log(line);

/** Runs one program of `node_modules/.bin` in this terminal. */
function run(program: string, args: readonly string[]): boolean {
  const { status } = spawnSync(join("node_modules/.bin", program), args, { stdio: "inherit" });
  return status === 0;
}

/** Runs vitest and says how many tests passed, failed and were skipped; a run that died counts as one failure. */
function vitest(args: readonly string[]): Count {
  const folder = mkdtempSync(join(tmpdir(), "wopr-test-"));
  try {
    const file = join(folder, "report.json");
    const ok = run("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...args]);
    const report = Report.parse(JSON.parse(readFileSync(file, "utf8")));
    const failed = ok ? report.numFailedTests : Math.max(1, report.numFailedTests);
    return { passed: report.numPassedTests, failed, skipped: report.numPendingTests };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Arguments that leave out what cannot run here; under CI=true `prepareSystem` has thrown before. */
async function leftOutWithout(present: ReadonlyMap<SystemPart, string>): Promise<string[]> {
  const missing = (["docker", "registry", "mmdebstrap"] as const).filter((part) => !present.has(part));
  if (missing.length > 0 || process.getuid?.() !== 0) {
    log(`Left out: every test with real containers. They need root and ${missing.join(", ") || "nothing else"}.`);
    return ["--tagsFilter", "!docker"];
  }
  const standIns = await ensureStandIns({ log });
  await standIns.stop();
  return [];
}

async function main(filters: readonly string[]): Promise<boolean> {
  const present = await prepareSystem({
    needs: [
      "docker",
      "mmdebstrap",
      "registry",
      "restic",
      "caddy",
      "pebble",
      "poppler",
      "powerdns",
      "shellcheck",
      "procps",
      "prometheus",
      "faketime",
      "chromium",
    ],
    log,
  });
  await ensureAgentBuilt({ log });
  const leftOut = await leftOutWithout(present);

  if (filters.length > 0) return vitest([...leftOut, ...filters]).failed === 0;
  const checked =
    run("biome", ["check", "."]) && run("tsc", ["--noEmit"]) && run("node", ["scripts/registries.ts", "--check"]);
  const counts = ["parallel", "pages", "end-to-end"].map((project) => vitest([...leftOut, "--project", project]));
  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  return checked && sum("failed") === 0;
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
