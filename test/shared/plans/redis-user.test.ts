import { describe, expect, it } from "vitest";
import { bindCommand } from "#shared/command-registry.ts";
import type { Observed } from "#shared/observed.ts";
import { modulesIn } from "../modules-on-disk.ts";
import { apply, emptyWorld, observe } from "../world.ts";

const modules = modulesIn("test/plans/modules/v1");

const installed = ["redis", "jobs"].reduce(
  (world, module) => apply(world, bindCommand("module.install", { module }).plan(observe(world)), `cmd_${module}`),
  emptyWorld(modules),
);
const seen = observe(installed);
const start = (found: Partial<Observed>) =>
  bindCommand("module.start", { instance: "jobs" }).plan({ ...seen, ...found });
const create = { kind: "redis.user-create", instance: "jobs", user: "app_jobs", secret: "redis_password" };

describe("a Redis user", () => {
  it("is left alone while its password is the instance's secret", () => {
    expect(start({})).toEqual([]);
  });

  it.each([
    ["is gone, as after an older backup of Redis was put back", [], create],
    [
      "has another password",
      [{ user: "app_jobs", createdBy: "cmd_jobs", secret: undefined }],
      { ...create, kind: "redis.password" },
    ],
    ["is another instance's", [{ user: "app_others", createdBy: "cmd_others", secret: "redis_password" }], create],
  ])("that %s is made to match, and nothing else changes", (_what, redisUsers, step) => {
    expect(start({ redisUsers })).toEqual([step]);
  });

  it("whose database has no number on the beacon gets one", () => {
    expect(start({ secrets: { ...seen.secrets, jobs: ["redis_password"] } })).toEqual([create]);
  });
});
