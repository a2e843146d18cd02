import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSecrets } from "#agent/secrets.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { secretMark } from "#shared/container-spec.ts";

let folder: string;
let keyFile: string;
let db: AgentDatabase;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-secrets-"));
  keyFile = join(folder, "secret.key");
  db = openStore(join(folder, "agent.db"));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const open = () => createSecrets({ db, keyFile, randomBytes });
const TOKEN = { instance: "hello", secret: "token", bytes: 16 };

describe("secrets", () => {
  test("are made once, as hexadecimal digits, and survive a restart", () => {
    open().create(TOKEN);
    const value = open().reveal("hello", "token");
    expect(value).toMatch(/^[0-9a-f]{32}$/);
    open().create(TOKEN);
    expect(open().reveal("hello", "token")).toBe(value);
    expect(open().names()).toEqual({ hello: ["token"] });
  });

  test("number instances from 1 on, each its own, and give a number back with the rest", () => {
    const number = (instance: string) => open().number(instance, "redis_database");
    expect([number("a"), number("b"), number("a"), number("c")]).toEqual([1, 2, 1, 3]);
    open().remove("b");
    expect([number("d"), number("c")]).toEqual([2, 3]);
    expect(open().number("c", "another")).toBe(1);
    expect(open().fill("c")(secretMark("redis_database"))).toBe("3");
    expect(open().redact("c")("step 3 of 3")).toBe("step 3 of 3");
  });

  test("stand nowhere in the files of the store", () => {
    open().create(TOKEN);
    const value = open().reveal("hello", "token");
    for (const file of ["agent.db", "agent.db-wal"]) {
      const bytes = readFileSync(join(folder, file));
      expect(bytes.includes(value)).toBe(false);
      expect(bytes.includes(Buffer.from(value, "hex"))).toBe(false);
    }
  });

  test("fill marks, and are taken out of texts again", () => {
    const secrets = open();
    secrets.create(TOKEN);
    secrets.create({ ...TOKEN, secret: "other" });
    const text = `a=${secretMark("token")} b=${secretMark("other")} $PLAIN`;
    const filled = secrets.fill("hello")(text);
    expect(filled).toBe(`a=${secrets.reveal("hello", "token")} b=${secrets.reveal("hello", "other")} $PLAIN`);
    expect(secrets.redact("hello")(filled)).toBe("a=[secret] b=[secret] $PLAIN");
    expect(() => secrets.fill("stranger")(text)).toThrow("stranger has no secret token");
  });

  test("go with their instance, and only with it", () => {
    const secrets = open();
    secrets.create(TOKEN);
    secrets.create({ ...TOKEN, instance: "other" });
    secrets.remove("hello");
    expect(secrets.names()).toEqual({ other: ["token"] });
  });
});

describe("the key file", () => {
  test("is made once, for its owner alone", () => {
    open();
    const key = readFileSync(keyFile);
    open();
    expect(readFileSync(keyFile).equals(key)).toBe(true);
    expect(key).toHaveLength(32);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  });

  test("that is lost or another one is told, not made anew", () => {
    open().create(TOKEN);
    writeFileSync(keyFile, randomBytes(32));
    expect(() => open().reveal("hello", "token")).toThrow(expect.objectContaining({ code: "conflict" }));
    rmSync(keyFile);
    expect(open).toThrow(expect.objectContaining({ code: "conflict" }));
  });

  test("does not open a value that was moved to another name", () => {
    open().create(TOKEN);
    db.prepare("update secret set name = 'moved'").run();
    expect(() => open().reveal("hello", "moved")).toThrow(expect.objectContaining({ code: "conflict" }));
  });
});
