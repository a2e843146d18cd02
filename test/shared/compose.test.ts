import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ComposeProject } from "#shared/compose/project.ts";
import { readCompose } from "#shared/compose/read.ts";
import { Problem } from "#shared/problem.ts";
import { goldenCases } from "./golden.ts";

const Case = z.object({ title: z.string(), variables: z.record(z.string(), z.string()).default({}), file: z.string() });

describe.each(goldenCases("test/compose", Case, ["project", "problem"]))("$name", ({ name, input, expectOutput }) => {
  it(input.title, () => {
    const template = { path: "compose.yaml", text: input.file };
    try {
      const project = readCompose(template, input.variables);
      expect(ComposeProject.parse(project)).toEqual(project);
      expect(name).not.toMatch(/^bad-/);
      expectOutput({ project });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      expect(error.message).toMatch(/^compose\.yaml:\d+: /);
      expectOutput({ problem: { code: error.code, message: error.message, hint: error.hint } });
    }
  });
});
