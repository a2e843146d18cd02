import { describe, expect, it } from "vitest";
import { nearest, suggestion } from "#shared/nearest.ts";

describe("nearest", () => {
  it.each([
    ["enviroment", ["image", "environment", "entrypoint"], "environment"],
    ["tehme", ["theme", "port"], "theme"],
    ["prot", ["port", "path"], "port"],
    ["web", ["web", "wab"], "web"],
    ["wbe", ["web"], undefined],
    ["xyz", ["image", "environment"], undefined],
    ["", ["a"], "a"],
    ["a", [], undefined],
  ])("of %j in %j is %j", (name, candidates, expected) => expect(nearest(name, candidates)).toBe(expected));
});

describe("suggestion", () => {
  it("is nothing when nothing is near", () => expect(suggestion("xyz", ["image"])).toBe(""));
  it("is a question", () => expect(suggestion("imag", ["image"])).toBe(" (did you mean image?)"));
});
