import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBadProxy } from "./chaos/bad-proxy.ts";
import { bundleProcesses } from "./chaos/processes.ts";
import { chosenSeed, createRandom } from "./chaos/random.ts";
import { mountSmallDisk } from "./chaos/small-disk.ts";
import { createWorld, freePort, type World } from "./chaos/world.ts";

const HOUR_MS = 3_600_000;

const seed = chosenSeed(process.env);
/** Inside of the checkout, where packages are found. */
const programs = fileURLToPath(new URL(`../../dist/chaos-${process.pid}`, import.meta.url));

beforeAll(async () => {
  console.log(`SEED=${seed}`);
  mkdirSync(programs, { recursive: true });
  await bundleProcesses(programs);
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

/** A machine that is busy with other things as well gives fewer in the same time. */
async function untilGiven(world: World, count: number): Promise<void> {
  while (world.given() < count) await sleep(20);
}

describe(`chaos, SEED=${seed}`, () => {
  it("hub and agent are killed at 500 random instants while commands flow", { timeout: 600_000 }, async () => {
    const random = createRandom(seed);
    const world = await createWorld({ seed, programs });
    try {
      await Promise.all([world.hub.start(), world.agent.start()]);
      const stopGiving = world.giveCommands(random, 60);
      await Promise.all([
        world.hub.killOften(Number(process.env.KILLS ?? 250), createRandom(seed + 1)),
        world.agent.killOften(Number(process.env.KILLS ?? 250), createRandom(seed + 2)),
      ]);
      await untilGiven(world, 100);
      await stopGiving();
      const { violations, counts, given } = await world.aftermath();
      console.log({ given, ...counts });
      expect(violations).toEqual([]);
    } finally {
      await world.remove();
    }
  });

  it.skipIf(process.getuid?.() !== 0).each(["hub", "agent"] as const)(
    "the disk of the %s is full, and has room again",
    { timeout: 300_000 },
    async (who) => {
      const disk = await mountSmallDisk(programs);
      const world = await createWorld({ seed, programs, directories: { [who]: disk.directory } });
      try {
        await Promise.all([world.hub.start(), world.agent.start()]);
        const stopGiving = world.giveCommands(createRandom(seed + 7), 30);
        for (let nth = 0; nth < 3; nth++) {
          await untilGiven(world, 10 * (nth + 1));
          disk.fill();
          await sleep(2500);
          expect([world.hub.isAlive(), world.agent.isAlive()]).toEqual([true, true]);
          // One that is killed meanwhile starts again, also without room.
          if (nth === 1) {
            await world[who].kill();
            await world[who].start();
          }
          disk.empty();
        }
        await stopGiving();
        const { violations, counts, given } = await world.aftermath();
        console.log({ given, ...counts });
        expect(violations).toEqual([]);
      } finally {
        await world.remove();
        await disk.remove();
      }
    },
  );

  it("a proxy between them delays, swallows, doubles, replays, half-opens and resets, clocks jump, and both are killed", {
    timeout: 300_000,
  }, async () => {
    const random = createRandom(seed + 3);
    const ports = { port: await freePort(), hubPort: await freePort() };
    const proxy = await startBadProxy(ports.port, ports.hubPort, createRandom(seed + 4));
    const world = await createWorld({ seed, programs, dialled: ports, workMs: 3000 });
    try {
      await Promise.all([world.hub.start(), world.agent.start()]);
      const stopGiving = world.giveCommands(random, 40);
      const jumping = setInterval(() => {
        const who = random.isOneIn(2) ? world.hub : world.agent;
        who.jump(random.between(-6 * HOUR_MS, 6 * HOUR_MS));
      }, 700);
      await Promise.all([
        world.hub.killOften(14, createRandom(seed + 5)),
        world.agent.killOften(14, createRandom(seed + 6)),
      ]);
      await world.agent.freeze(2500);
      await world.hub.freeze(2500);
      clearInterval(jumping);
      await untilGiven(world, 100);
      await stopGiving();
      proxy.behave();
      const { violations, counts, given } = await world.aftermath();
      console.log({ given, ...counts, ...proxy.deeds });
      expect(violations).toEqual([]);
      for (const [deed, times] of Object.entries(proxy.deeds)) expect(times, deed).toBeGreaterThan(0);
    } finally {
      await world.remove();
      await proxy.stop();
    }
  });
});
