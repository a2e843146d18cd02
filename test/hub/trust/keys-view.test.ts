import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openKeyRing } from "#hub/key-ring.ts";
import { keysView } from "#hub/trust/keys-view.ts";

const folder = mkdtempSync(join(tmpdir(), "wopr-keys-view-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("what is shown of a ring of keys", () => {
  let time = 1_000;
  const ring = openKeyRing({ file: join(folder, "key.json"), use: "x", overlapMs: 100, now: () => time });
  const view = () =>
    keysView({ active: ring.active().id, ids: ring.keys().map(({ id }) => id), successions: ring.successions() });

  it("says nothing of when the first one was made, and of none before it", () => {
    expect(view()).toEqual({ active: ring.active().id, before: [] });
  });

  it("does not show one that is prepared until it signs", () => {
    const first = ring.active().id;
    time = 2_000;
    ring.prepare();
    expect(view()).toEqual({ active: first, before: [] });
    ring.activate();
    expect(view()).toEqual({ active: ring.active().id, since: 2_000, before: [{ id: first, until: 2_100 }] });
  });

  it("keeps the end of each when more follow, and forgets those that are over", () => {
    const second = ring.active().id;
    time = 2_050;
    ring.prepare();
    ring.activate();
    expect(view().before.map(({ until }) => until)).toEqual([2_100, 2_150]);
    time = 2_120;
    expect(view().before).toEqual([{ id: second, until: 2_150 }]);
  });
});
