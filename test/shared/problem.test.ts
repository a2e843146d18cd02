import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Problem, ProblemBody, parseOr, problemCodes } from "#shared/problem.ts";

const thrown = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe("Problem", () => {
  it("says its status and whether to try again by its code", () => {
    expect(new Problem("port_taken", "port 80 is taken")).toMatchObject({ status: 409, retryable: false });
    expect(new Problem("docker_unavailable", "Docker is away")).toMatchObject({ status: 503, retryable: true });
  });

  it("crosses the wire whole", () => {
    const problem = new Problem("port_taken", "port 80 is taken", { hint: "Free it.", details: { port: 80 } });
    const body = ProblemBody.parse(JSON.parse(JSON.stringify(problem)));
    expect(Problem.from(body)).toEqual(problem);
  });

  it("leaves out what it does not have", () => {
    expect(JSON.stringify(new Problem("internal", "oops"))).toBe('{"code":"internal","message":"oops"}');
  });

  it("keeps its cause for the log and off the wire", () => {
    const cause = new Error("secret inside");
    const problem = new Problem("internal", "oops", { cause });
    expect(problem.cause).toBe(cause);
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  it("wraps what is none and leaves what is one", () => {
    const problem = new Problem("conflict", "taken");
    expect(Problem.wrap(problem)).toBe(problem);
    const wrapped = Problem.wrap(new TypeError("x is undefined"));
    expect(wrapped).toMatchObject({ code: "internal", message: "something unexpected went wrong" });
    expect(wrapped.cause).toBeInstanceOf(TypeError);
    expect(Problem.wrap("text").code).toBe("internal");
  });

  it("refuses a code that is not in the list, and names of inherited members", () => {
    for (const code of ["no_such_code", "toString", "__proto__"]) {
      expect(ProblemBody.safeParse({ code, message: "x" }).success).toBe(false);
    }
  });

  it.each(Object.entries(problemCodes))("has a status of an error for %s", (code, { status }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
  });
});

describe("parseOr", () => {
  const Schema = z.strictObject({ port: z.number().max(65535), name: z.string().min(1) });

  it("gives what fits", () => {
    expect(parseOr(Schema, { port: 80, name: "a" }, "it")).toEqual({ port: 80, name: "a" });
  });

  it("names every wrong path and what was expected there", () => {
    const error = thrown(() => parseOr(Schema, { port: "x", name: "", other: 1 }, "the order"));
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({
      code: "invalid_input",
      message:
        'the order is not valid: port: expected number, received string; name: expected string to have >=1 characters; Unrecognized key: "other"',
      details: { issues: [{ path: "port" }, { path: "name" }, { path: "" }] },
    });
  });

  it("takes another code", () => {
    expect(thrown(() => parseOr(Schema, null, "frame", "invalid_frame"))).toMatchObject({ code: "invalid_frame" });
  });
});
