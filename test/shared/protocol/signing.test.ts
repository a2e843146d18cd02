import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { publicKeyOf, rawPublicKey, sign, verify } from "#shared/protocol/signing.ts";
import { SignedStatement, type StatementKind } from "#shared/protocol/statement.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
const keys = { key_1: rawPublicKey(publicKey) };
const statement = sign("command", { name: "module.install", text: "å\n\u2028" }, privateKey, "key_1");

describe("sign", () => {
  it("gives a statement of the wire's shape whose payload is the JSON that was signed", () => {
    expect(SignedStatement.parse(statement)).toEqual(statement);
    expect(JSON.parse(verify("command", statement, keys))).toEqual({ name: "module.install", text: "å\n\u2028" });
  });

  it("gives equal signatures for equal payloads", () => {
    expect(sign("command", { a: 1 }, privateKey, "key_1")).toEqual(sign("command", { a: 1 }, privateKey, "key_1"));
  });
});

describe("verify", () => {
  const flipped = `${statement.signature[0] === "A" ? "B" : "A"}${statement.signature.slice(1)}`;
  const refused: [string, StatementKind, SignedStatement, Record<string, string>][] = [
    ["one changed character of the payload", "command", { ...statement, payload: `${statement.payload} ` }, keys],
    ["one changed bit of the signature", "command", { ...statement, signature: flipped }, keys],
    ["a statement of another kind", "welcome", statement, keys],
    ["another key under the same id", "command", statement, { key_1: rawPublicKey(other.publicKey) }],
    ["an unknown key id", "command", { ...statement, key: "key_2" }, keys],
    ["a key id that every object has", "command", { ...statement, key: "constructor" }, keys],
  ];
  it.each(refused)("refuses %s", (_what, kind, signed, known) => {
    expect(() => verify(kind, signed, known)).toThrow(expect.objectContaining({ code: "signature_invalid" }));
  });
});

describe("keys", () => {
  it("gives the same raw key from both halves, and reads it back", () => {
    expect(rawPublicKey(privateKey)).toBe(keys.key_1);
    expect(keys.key_1).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(publicKeyOf(keys.key_1).equals(publicKey)).toBe(true);
  });

  it("refuses what is not an Ed25519 key", () => {
    expect(() => publicKeyOf("AAAA")).toThrow(expect.objectContaining({ code: "invalid_input" }));
    const { privateKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(() => rawPublicKey(ec)).toThrow(/ed25519/i);
  });
});
