import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openKeyRing } from "#hub/key-ring.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-key-ring-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("tells the key that signs, however the clock moves while it looks", () => {
  let time = 0;
  const now = () => ++time;
  const ring = openKeyRing({ file: join(folder, "keys.json"), use: "command", overlapMs: 1_000, now });
  expect(ring.keys().map(({ id }) => id)).toEqual([ring.active().id]);
});

it("tells the former key until its time is over, and the one that signs for ever", () => {
  let time = 0;
  const ring = openKeyRing({ file: join(folder, "keys.json"), use: "command", overlapMs: 1_000, now: () => time });
  const former = ring.active().id;
  ring.prepare();
  ring.activate();
  const ids = () => ring.keys().map(({ id }) => id);
  expect(ids()).toEqual([former, ring.active().id]);
  time = 1_000;
  expect(ids()).toEqual([ring.active().id]);
  time = Number.MAX_SAFE_INTEGER;
  expect(ids()).toEqual([ring.active().id]);
});
