import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { type Document, parseDocument } from "yaml";
import type { z } from "zod";

/** A case in a file: what goes in and what comes out. Adding a case is adding a file. */
export interface GoldenCase<Input> {
  readonly name: string;
  readonly input: Input;
  /**
   * Compares with what the file says comes out. With UPDATE_GOLDEN=1 in the environment the file is brought up to date
   * instead; run `npm run format` then, and read the difference before you keep it.
   */
  readonly expectOutput: (actual: Readonly<Record<string, unknown>>) => void;
}

/** The cases of a folder. `outputs` are the keys that come out. */
export function goldenCases<Schema extends z.ZodType>(
  folder: string,
  schema: Schema,
  outputs: readonly string[],
): GoldenCase<z.output<Schema>>[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => {
      const path = join(folder, file);
      const document = parseDocument(readFileSync(path, "utf8"));
      return {
        name: file,
        input: schema.parse(document.toJS()),
        expectOutput: (actual) => {
          const wanted = Object.fromEntries(outputs.map((key) => [key, document.toJS()[key]]));
          const given = Object.fromEntries(outputs.map((key) => [key, plain(actual[key])]));
          if (process.env.UPDATE_GOLDEN === "1" && !isDeepStrictEqual(given, wanted)) update(path, document, given);
          else expect(given).toEqual(wanted);
        },
      };
    });
}

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function update(path: string, document: Document, given: Readonly<Record<string, unknown>>) {
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) document.delete(key);
    else document.set(key, document.createNode(value));
  }
  writeFileSync(path, document.toString({ lineWidth: 120 }));
}
