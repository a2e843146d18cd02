import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { moduleSummary, readModule } from "#shared/modules/read.ts";
import { Problem } from "#shared/problem.ts";
import { goldenCases } from "./golden.ts";

/** What is done to the module in `test/manifests/notes` before it is read. */
const Edit = z.union([
  z.strictObject({ file: z.enum(["module.yaml", "compose.yaml"]), from: z.string(), to: z.string() }),
  z.strictObject({ file: z.enum(["module.yaml", "compose.yaml"]), all: z.string() }),
]);
type Edit = z.output<typeof Edit>;

const Case = z.object({ title: z.string(), edits: z.array(Edit).default([]) });

function edited(text: string, edit: Edit): string {
  if ("all" in edit) return edit.all;
  expect(text).toContain(edit.from);
  return text.replace(edit.from, () => edit.to);
}

describe.each(goldenCases("test/manifests", Case, ["summary", "problem"]))("$name", ({ name, input, expectOutput }) => {
  it(input.title, () => {
    const textOf = (file: Edit["file"]) =>
      input.edits
        .filter((edit) => edit.file === file)
        .reduce(edited, readFileSync(`test/manifests/notes/${file}`, "utf8"));
    const files = { manifestText: textOf("module.yaml"), composeText: textOf("compose.yaml") };
    try {
      const module = readModule({ folder: "compose-modules/notes", ...files });
      expect(name).not.toMatch(/^bad-/);
      expectOutput({ summary: moduleSummary(module) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      expect(error.message).toMatch(/^compose-modules\/notes\/(module|compose)\.yaml:\d+: /);
      expectOutput({ problem: { code: error.code, message: error.message, hint: error.hint } });
    }
  });
});
