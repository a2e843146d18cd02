import Database from "better-sqlite3";
import { beforeEach, expect, test } from "vitest";
import { writeIfThereIsRoom, writeOnceThereIsRoom } from "#agent/store/room.ts";
import { Problem } from "#shared/problem.ts";

/** A database that may not grow, which is what a full disk is to it: https://www.sqlite.org/pragma.html#pragma_max_page_count */
let db: Database.Database;
beforeEach(() => {
  db = new Database(":memory:");
  db.exec("create table note (text text)");
  db.pragma(`max_page_count = ${db.pragma("page_count", { simple: true })}`);
});
const write = () => void db.prepare("insert into note values (?)").run("x".repeat(20_000));
const makeRoom = () => void db.pragma("max_page_count = 1000");
const written = () => db.prepare("select count(*) from note").pluck().get();
const broken = () => {
  throw new TypeError("a defect");
};

test("a full disk is a problem of its own, that says what to do", () => {
  try {
    write();
    expect.unreachable();
  } catch (thrown) {
    const problem = Problem.wrap(thrown);
    expect(problem).toMatchObject({ code: "disk_full", status: 507, hint: expect.stringMatching(/Free some/) });
    expect(problem.cause).toBe(thrown);
  }
  expect(Problem.wrap(Object.assign(new Error("no space"), { code: "ENOSPC" })).code).toBe("disk_full");
  expect(Problem.wrap(Object.assign(new Error("busy"), { code: "SQLITE_BUSY" })).code).toBe("internal");
});

test("what has to be written is written once there is room, and it is said once that it waits", async () => {
  const told: string[] = [];
  const { signal } = new AbortController();
  const writing = writeOnceThereIsRoom(write, {
    signal,
    onFull: ({ code }) => {
      told.push(code);
      setTimeout(makeRoom, 1500);
    },
  });
  expect([written(), told]).toEqual([0, ["disk_full"]]);
  await writing;
  expect([written(), told]).toEqual([1, ["disk_full"]]);
});

test("who waits stops when nobody needs it any more, and nothing was written", async () => {
  const stop = new AbortController();
  const writing = writeOnceThereIsRoom(write, { signal: stop.signal, onFull: () => stop.abort(new Error("over")) });
  await expect(writing).rejects.toThrow("over");
  makeRoom();
  expect(written()).toBe(0);
});

test("what nobody misses is left out, and a defect is not taken for a full disk", async () => {
  writeIfThereIsRoom(write);
  expect(written()).toBe(0);
  makeRoom();
  writeIfThereIsRoom(write);
  expect(written()).toBe(1);
  expect(() => writeIfThereIsRoom(broken)).toThrow(TypeError);
  const { signal } = new AbortController();
  await expect(writeOnceThereIsRoom(broken, { signal, onFull: () => undefined })).rejects.toThrow(TypeError);
});
