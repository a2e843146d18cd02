/**
 * An agent's whole talk with its hub, with its real store, journal and queue. What a command does here is to write a line into a file
 * that outlives everybody; as the engine does, it looks first when it goes on with a command that an earlier run may have done.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reconcile } from "#agent/reconcile.ts";
import { writeIfThereIsRoom } from "#agent/store/room.ts";
import { Problem } from "#shared/problem.ts";
import { startLinkedAgent } from "#test/agent/linked-agent.ts";
import { createRandom } from "./random.ts";
import { readSettings, settableClock } from "./settings.ts";

const settings = readSettings();
const { agentDirectory, effectsFile, enrolment, origin, firstSampleAt, startedAt } = settings;
const random = createRandom(settings.seed ^ process.pid);
const note = (word: string, id: string) => appendFileSync(effectsFile, `${word} ${id}\n`);
const wasDone = (id: string) => readFileSync(effectsFile, "utf8").includes(`effect ${id}\n`);

const reconcile: Reconcile = async ({ id, resumed, cancel, stop, onProgress, onStep }) => {
  note(resumed ? "resume" : "begin", id);
  const signal = AbortSignal.any([cancel, stop]);
  const step = { command: id, at: Date.now(), steps: 2 };
  onProgress({ ...step, step: 1, title: "Think" });
  await sleep(random.between(0, 30), undefined, { signal }).catch(() => signal.throwIfAborted());
  if (!(resumed && wasDone(id))) note("effect", id);
  onStep();
  onProgress({ ...step, step: 2, title: "Look" });
  await sleep(random.between(0, 10));
  if (random.isOneIn(10)) throw new Problem("container_exited", "it did not stay");
};

const agent = startLinkedAgent(
  { origin, enrolment, trust: () => undefined },
  {
    file: join(agentDirectory, "agent.db"),
    keyFile: join(agentDirectory, "agent.key"),
    reconcile,
    now: settableClock(settings.offsetMs),
    resendMs: 300,
    times: { silentMs: 1500, pingMs: 300, backoff: { firstMs: 10, longestMs: 100 }, refusedMs: 100 },
  },
);

setInterval(() => {
  const nth = Math.floor((Date.now() - startedAt) / 50);
  const at = firstSampleAt + nth * 10_000;
  writeIfThereIsRoom(() => {
    if (!agent.metrics.add({ at, values: { cpu_percent: nth % 100 } })) return;
    note("sample", String(at));
    agent.sampled();
  });
}, 50);
process.send?.("up");
