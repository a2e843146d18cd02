import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ComposeProject } from "#shared/compose/project.ts";
import { readProject } from "#shared/compose/read.ts";
import { Problem } from "#shared/problem.ts";
import { goldenCases } from "./golden.ts";

const Case = z.object({
  title: z.string(),
  variables: z.record(z.string(), z.string()).default({}),
  file: z.string(),
  /** Further files of the project's folder, `/app`; with any of them, files may be read. */
  files: z.record(z.string(), z.string()).optional(),
  /** Files that are laid over the first. */
  over: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
});

describe.each(goldenCases("test/compose", Case, ["project", "notes", "problem"]))("$name", (golden) => {
  const { name, input, expectOutput } = golden;
  it(input.title, () => {
    const notes: string[] = [];
    const { files } = input;
    const readFile = (path: string) => files?.[path.replace(/^\/app\//, "")];
    try {
      const project = readProject({
        files: ["compose.yaml", ...input.over].map((path) => ({ path, text: files?.[path] ?? input.file })),
        variables: input.variables,
        fallbackName: "app",
        profiles: input.profiles,
        onNote: (line) => notes.push(line),
        ...(files === undefined ? {} : { directory: "/app", readFile }),
      });
      expect(ComposeProject.parse(project)).toEqual(project);
      expect(name).not.toMatch(/^bad-/);
      expectOutput({ project, notes: notes.length === 0 ? undefined : notes });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      expect(error.message).toMatch(/^[\w./-]+:\d+: /);
      expectOutput({ problem: { code: error.code, message: error.message, hint: error.hint } });
    }
  });
});
