import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const main = join(import.meta.dirname, "../../cli/main.ts");
const wopr = (...argv: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { encoding: "utf8" });
  return { status, stdout, stderr };
};
const named = (text: string) => text.match(/^ {2}wopr .*$/gm)?.map((line) => line.trim()) ?? [];

describe("help", () => {
  it("names every command", () => {
    const { status, stdout } = wopr("--help");
    expect(status).toBe(0);
    expect(named(stdout).length).toBeGreaterThan(20);
    expect(wopr("help")).toEqual({ status, stdout, stderr: "" });
  });

  it.each([
    ["status", "--help"],
    ["help", "status"],
  ])("of one command alone: wopr %s %s", (...argv) => {
    const { status, stdout } = wopr(...argv);
    expect(status).toBe(0);
    expect(named(stdout)).toEqual(["wopr status [--watch] [--json]"]);
  });

  it("is not asked for by what is run in a container", () => {
    const { status, stderr } = wopr("exec", "nothing", "--", "ls", "--help");
    expect(status).toBe(1);
    expect(named(stderr)).toEqual([]);
  });

  it("of those that begin so is told to who writes half a command, and of all to who writes none that is known", () => {
    const half = wopr("hub");
    expect(half.status).toBe(2);
    expect(named(half.stderr).every((line) => line.startsWith("wopr hub "))).toBe(true);
    const unknown = wopr("fly");
    expect(unknown.status).toBe(2);
    expect(named(unknown.stderr).length).toBeGreaterThan(20);
  });
});
