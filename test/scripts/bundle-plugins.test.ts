import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { oneByteCharacters } from "#scripts/release/bundle-plugins.ts";

describe("a program that V8 keeps with one byte a character", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wopr-bundle-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const bundle = (contents: string) =>
    build({
      stdin: { contents },
      outfile: join(folder, "main.js"),
      plugins: [oneByteCharacters],
      logLevel: "silent",
    });

  test("has what is not of ASCII as escapes, as strings are written", async () => {
    const { errors } = await bundle('console.log("500µs", /^\\d+\\u00b5s$/);');
    expect(errors).toEqual([]);
  });

  test("is not made where a regular expression has it", async () => {
    await expect(bundle("console.log(/^\\d+µs$/);")).rejects.toThrow(/main\.js has the character µ/);
  });
});
