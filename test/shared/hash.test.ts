import { describe, expect, it } from "vitest";
import { canonicalJson, hashOf } from "#shared/hash.ts";

describe("canonicalJson", () => {
  it("does not depend on the order of keys, however deep", () => {
    expect(canonicalJson({ b: [{ y: 1, x: 2 }], a: { d: 1, c: 2 } })).toBe('{"a":{"c":2,"d":1},"b":[{"x":2,"y":1}]}');
  });

  it("depends on the order of lists", () => {
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  });

  it("does not see what is undefined", () => {
    expect(hashOf({ a: 1, b: undefined })).toBe(hashOf({ a: 1 }));
  });

  it("tells texts from numbers, and null from nothing", () => {
    expect(hashOf({ a: "1" })).not.toBe(hashOf({ a: 1 }));
    expect(hashOf({ a: null })).not.toBe(hashOf({}));
  });

  it("keeps keys that look like numbers or like inherited members apart", () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1,"10":2,"9":3}'))).toBe('{"9":3,"10":2,"__proto__":1}');
  });

  it("is SHA-256 in hexadecimal", () => {
    expect(hashOf({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  });
});
