// @module-tag docker
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { localProvider } from "#hub/providers/local.ts";
import { openDatabase } from "#hub/store/database.ts";
import { createJobStore } from "#hub/store/jobs.ts";
import { type Mailbox, startMailbox } from "#scripts/mailbox.ts";
import { jobStates } from "#shared/api/hub.ts";

let folder: string;
let mailbox: Mailbox;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wopr-kill-"));
  mailbox = await startMailbox({ smtpPort: 0, httpPort: 0 });
});
afterEach(async () => {
  await mailbox.stop();
  const root = join(folder, "vps");
  const provider = localProvider({
    ...{ root, portRange: { from: 42_600, to: 42_620 }, address: "127.0.0.1", modulesDirectory: "/modules" },
    ...{ dockerSocket: "/var/run/docker.sock", agentCommand: ["false"] },
  });
  for (const id of await readdir(root)) await provider.remove(id);
  await rm(folder, { recursive: true });
});

/** Runs a hub until it says that a job has entered a state that `last` names, and kills it then. @returns that state. */
async function runUntil(last: (state: string) => boolean): Promise<string> {
  const script = join(import.meta.dirname, "hub-process.ts");
  const hub = spawn(process.execPath, [script, folder, String(mailbox.smtp.port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    for await (const line of createInterface({ input: hub.stdout })) {
      const state = line.replace("state ", "");
      if (last(state)) return state;
    }
    throw new Error("the hub ended by itself");
  } finally {
    const exited = once(hub, "exit");
    hub.kill("SIGKILL");
    if (hub.exitCode === null && hub.signalCode === null) await exited;
  }
}

test("a hub process killed as soon as it enters each state ends with one of everything", async () => {
  const seen = new Set<string>();
  for (let state = ""; state !== "COMPLETED"; ) {
    state = await runUntil((one) => !seen.has(one));
    seen.add(state);
  }
  expect(seen.size).toBeGreaterThan(4);

  const db = openDatabase(join(folder, "hub.sqlite"));
  const jobs = createJobStore(db);
  const [job, ...others] = await jobs.list(10);
  expect(others).toEqual([]);
  const events = await jobs.events(job?.id ?? "");
  expect(events.map((event) => event.state).filter((state, index, all) => state !== all[index - 1])).toEqual(jobStates);
  expect(await readdir(join(folder, "vps"))).toHaveLength(1);
  expect(await db.selectFrom("beacon").select("name").execute()).toEqual([{ name: "ada" }]);
  expect(await db.selectFrom("document").select("kind").execute()).toEqual([{ kind: "handbook" }]);
  const keys = (await db.selectFrom("setting").select("key").execute()).map(({ key }) => key);
  expect(keys.filter((key) => key.startsWith("cmd_"))).toHaveLength(3);
  expect(mailbox.mails().map(({ subject }) => subject)).toEqual(["Your beacon ada is ready"]);
  await db.destroy();
});
