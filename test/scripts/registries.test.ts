import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = join(import.meta.dirname, "../../scripts/registries.ts");

describe("scripts/registries.ts", () => {
  let root = "";
  const index = () => join(root, "shared/commands/index.ts");
  const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: "utf8" });
  const addCommands = (...names: string[]) => {
    for (const name of names) writeFileSync(join(root, `shared/commands/${name}.ts`), "");
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "wopr-registries-"));
    mkdirSync(join(root, "shared/commands"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("lists every file of the folder under the name of its export", () => {
    addCommands("module-start", "backup-create");
    expect(run().status).toBe(0);
    expect(readFileSync(index(), "utf8")).toBe(
      [
        "// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.",
        'import { backupCreate } from "./backup-create.ts";',
        'import { moduleStart } from "./module-start.ts";',
        "",
        "export const commands = [backupCreate, moduleStart] as const;",
        "",
      ].join("\n"),
    );
  });

  it("breaks a long list as the formatter does", () => {
    addCommands(...["one", "two", "three", "four", "five", "six", "seven"].map((name) => `a-rather-long-${name}`));
    run();
    expect(readFileSync(index(), "utf8")).toMatch(/= \[\n {2}aRatherLongFive,\n[\s\S]*,\n\] as const;\n$/);
  });

  it("only looks when it is asked to check", () => {
    addCommands("module-start");
    const missing = run("--check");
    expect(missing).toMatchObject({
      status: 1,
      stderr: "shared/commands/index.ts is not up to date: run npm run format\n",
    });
    run();
    expect(run("--check").status).toBe(0);
    addCommands("module-stop");
    expect(run("--check").status).toBe(1);
  });
});
