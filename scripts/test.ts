/**
 * `npm test`: brings what the tests need, checks the code, then runs every test: first those that can run beside each
 * other, then those of pages, then the end-to-end ones, one after the other. Arguments narrow it down: `npm test -- test/shared`.
 *
 * A file with a failed test is run once more, alone, when all others are done. What passes then is called unsteady and
 * named with its first failure at the end: on a busy machine a time limit can be missed by correct code. More than
 * `UNSTEADY_AT_MOST` of them fail the run all the same.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureAgentBuilt } from "./build-agent.ts";
import { ensureStandIns } from "./stand-ins.ts";
import type { SystemPart } from "./system/parts.ts";
import { prepareSystem } from "./system.ts";
import { type Count, describeFailures, filesOf, parseTestRun, type TestRun } from "./test-run/report.ts";

const UNSTEADY_AT_MOST = 3;

const log = (line: string) => console.log(line);

/** Runs one program of `node_modules/.bin` in this terminal. */
function run(program: string, args: readonly string[]): boolean {
  const { status } = spawnSync(join("node_modules/.bin", program), args, { stdio: "inherit" });
  return status === 0;
}

/** Runs vitest and says what passed, failed and was skipped; a run that died without naming a test counts as a failure. */
function vitest(args: readonly string[]): TestRun {
  const folder = mkdtempSync(join(tmpdir(), "wopr-test-"));
  try {
    const file = join(folder, "report.json");
    const ok = run("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...args]);
    const result = parseTestRun(readFileSync(file, "utf8"), process.cwd());
    return ok || result.failures.length > 0 ? result : { ...result, failed: Math.max(1, result.failed) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs every test, and each file that failed once more by itself. Says at the end what is to be known of it. */
function runAll(leftOut: readonly string[]): boolean {
  const runs = ["parallel", "pages", "end-to-end"].map((project) => vitest([...leftOut, "--project", project]));
  const failures = runs.flatMap((run) => run.failures);
  const again = filesOf(failures).map((file) => vitest([...leftOut, file]));
  const stillFailed = again.flatMap((run) => run.failures);
  const died = [...runs, ...again].filter((run) => run.failed > run.failures.length).length;

  const sum = (key: keyof Count) => runs.reduce((total, run) => total + run[key], 0);
  if (failures.length > 0) console.log(`\nFailed beside others:\n\n${describeFailures(failures)}`);
  if (stillFailed.length > 0) console.log(`\nFailed again, alone:\n\n${describeFailures(stillFailed)}`);
  const unsteady = stillFailed.length === 0 ? failures.length : 0;
  const counts = `${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`;
  console.log(`\n${counts}${unsteady > 0 ? `; ${unsteady} of the failed passed alone (unsteady)` : ""}`);
  return died === 0 && stillFailed.length === 0 && unsteady <= UNSTEADY_AT_MOST;
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
  return runAll(leftOut) && checked;
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
