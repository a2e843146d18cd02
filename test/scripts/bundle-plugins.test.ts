import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { messagesDieYoung, oneByteCharacters } from "#scripts/release/bundle-plugins.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-bundle-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bundle = (contents: string, plugin: Plugin) =>
  build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...{ bundle: true, platform: "node", format: "cjs", logLevel: "silent" },
    outfile: join(folder, "main.cjs"),
    plugins: [plugin],
  });

describe("a program that V8 keeps with one byte a character", () => {
  test("has what is not of ASCII as escapes, as strings are written", async () => {
    const { errors } = await bundle('console.log("500µs", /^\\d+\\u00b5s$/);', oneByteCharacters);
    expect(errors).toEqual([]);
  });

  test("is not made where a regular expression has it", async () => {
    await expect(bundle("console.log(/^\\d+µs$/);", oneByteCharacters)).rejects.toThrow(
      /main\.cjs has the character µ in a regular/,
    );
  });
});

test("nothing keeps a message that ws has handed out, in one frame or in several", async () => {
  await bundle('export { Receiver } from "ws";', messagesDieYoung);
  const { Receiver } = await import(pathToFileURL(join(folder, "main.cjs")).href);
  const receiver = new Receiver({ isServer: false });
  const messages: string[] = [];
  receiver.on("message", (data: Buffer) => messages.push(data.toString()));
  for (const frames of [
    ["8105", "whole"],
    ["0104", "in p", "8005", "ieces"],
  ]) {
    const kept: unknown[] = receiver._fragments;
    for (const part of frames) receiver.write(Buffer.from(part, /^8|^0/.test(part) ? "hex" : "utf8"));
    expect(kept).toEqual([]);
  }
  expect(messages).toEqual(["whole", "in pieces"]);
});
