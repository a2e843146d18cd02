/** Run with --expose-gc: carries out reconciles and prints, as JSON, how large the heap was before and after them. */
import { IMAGE, onBed } from "./bed.ts";

const WARM_UP = 400;
const RECONCILES = 1000;
/** Each so many is a restart, all others find nothing to do. */
const CHANGE_EVERY = 40;

const compose = `services:
  web:
    image: ${IMAGE}
    entrypoint: [sleep, infinity]
    init: true
    stop_grace_period: 1s
    volumes: ["data:/data"]
    healthcheck: { test: [CMD, "true"], interval: 1h }
volumes:
  data:
`;

async function heapBytes(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("run it with --expose-gc");
  // What is finalized in one collection is let go of in the next.
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}

const options = {
  images: ["misbehaving", "postgres", "redis"],
  modules: { app: compose },
  core: ["postgresql", "redis"],
};
await onBed(options, async ({ run }) => {
  const install = (module: string, instance = module) => run("module.install", { module, instance });
  await Promise.all([install("postgresql"), install("redis")]);
  await Promise.all(["app-1", "app-2", "app-3"].map((instance) => install("app", instance)));

  async function reconcile(count: number): Promise<void> {
    for (let n = 1; n <= count; n++) {
      if (n % CHANGE_EVERY === 0) await run("module.restart", { instance: "app-1", after: Date.now() });
      else await install("app", `app-${1 + (n % 3)}`);
      // What is finished is let go of between two turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  await reconcile(WARM_UP);
  const beforeBytes = await heapBytes();
  await reconcile(RECONCILES);
  console.log(JSON.stringify({ beforeBytes, afterBytes: await heapBytes(), reconciles: RECONCILES }));
});
