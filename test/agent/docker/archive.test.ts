import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { tarOf } from "#agent/docker/archive.ts";
import { Problem } from "#shared/problem.ts";

const gnuTar = (archive: Buffer, ...argv: string[]) => execFileSync("tar", argv, { input: archive, encoding: "utf8" });

describe("tarOf", () => {
  test("GNU tar reads names, modes and contents", () => {
    const archive = tarOf([
      { target: "/etc/app/config.json", content: '{"ä":1}\n', mode: 0o640 },
      { target: "/empty", content: "", mode: 0o755 },
    ]);
    const listing = gnuTar(archive, "--list", "--verbose", "--numeric-owner");
    expect(listing).toMatch(/^-rw-r----- 0\/0 +9 .* etc\/app\/config\.json$/m);
    expect(listing).toMatch(/^-rwxr-xr-x 0\/0 +0 .* empty$/m);
    expect(gnuTar(archive, "--extract", "--to-stdout", "etc/app/config.json")).toBe('{"ä":1}\n');
  });

  test("a content of exactly one block needs no padding", () => {
    const content = "x".repeat(512);
    expect(gnuTar(tarOf([{ target: "/a", content, mode: 0o644 }]), "--extract", "--to-stdout")).toBe(content);
  });

  test("long paths are split, too long ones refused", () => {
    const folder = `/${"d".repeat(90)}/${"e".repeat(60)}`;
    const archive = tarOf([{ target: `${folder}/file`, content: "x", mode: 0o644 }]);
    expect(gnuTar(archive, "--list").trim()).toBe(`${folder}/file`.slice(1));
    expect(() => tarOf([{ target: `/${"f".repeat(101)}`, content: "", mode: 0o644 }])).toThrow(Problem);
  });

  test("equal files give equal bytes", () => {
    const files = [{ target: "/a", content: "b", mode: 0o600 }];
    expect(tarOf(files).equals(tarOf(files))).toBe(true);
  });
});
