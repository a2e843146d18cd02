import { afterEach } from "vitest";
import { createWorld, type WorldOptions } from "./world.ts";

/** Makes worlds in which a hub runs, and ends them after each test. */
export function runningWorlds() {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });
  return async (options: WorldOptions = {}) => {
    const world = await createWorld(options);
    const hub = world.boot();
    hub.start();
    stops.push(hub.stop);
    return { world, hub: hub.provisioning };
  };
}
