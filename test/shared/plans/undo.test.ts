import { describe, expect, it } from "vitest";
import { bindCommand } from "#shared/command-registry.ts";
import { containerName } from "#shared/container-spec.ts";
import { modulesIn } from "../modules-on-disk.ts";
import { apply, emptyWorld, observe, type World } from "../world.ts";

const ID = "cmd_00000000";
const modules = modulesIn("test/plans/modules/v1");

const installed = (world: World, module: string) =>
  apply(world, bindCommand("module.install", { module }).plan(observe(world)), `cmd_${module}`);

const stopped = (world: World, name: string): World => {
  const entry = Object.entries(world.containers).find(([, { spec }]) => containerName(spec) === name);
  if (entry === undefined) throw new Error(`there is no ${name}`);
  const [key, container] = entry;
  return { ...world, containers: { ...world.containers, [key]: { ...container, state: "exited", health: "none" } } };
};

/** An install of `metrics` that failed right after its database was made. */
function failedInstall() {
  const before = ["caddy", "postgresql"].reduce(installed, emptyWorld(modules));
  const command = bindCommand("module.install", { module: "metrics" });
  const plan = command.plan(observe(before));
  const made = plan.findIndex(({ kind }) => kind === "database.create");
  return { before, command, failed: apply(before, plan.slice(0, made + 1), ID) };
}

describe("an install is taken back", () => {
  it("with its database, and the password that opens it", () => {
    const { before, command, failed } = failedInstall();
    const undone = apply(failed, command.undo(observe(failed), ID), ID);
    expect(undone.databases).toEqual({});
    expect(undone.secrets).toEqual(before.secrets);
  });

  it("while PostgreSQL is away, but for the database and its password, so that a later install can open it", () => {
    const { command, failed } = failedInstall();
    const away = stopped(failed, "postgresql/db");
    const undone = apply(away, command.undo(observe(away), ID), ID);
    expect(undone.databases).toEqual(failed.databases);
    expect(undone.secrets.metrics).toContain("database_password");
    expect(command.undo(observe(undone), ID)).toEqual([]);
  });

  it("by the command that made it alone: what another command made stays", () => {
    const { command, failed } = failedInstall();
    const undone = apply(failed, command.undo(observe(failed), "cmd_another"), "cmd_another");
    expect(undone.databases).toEqual(failed.databases);
    expect(undone.secrets).toEqual(failed.secrets);
  });

  it("without touching other instances", () => {
    const { command, failed } = failedInstall();
    const touched = command
      .undo(observe(failed), ID)
      .map((step) => JSON.stringify(step))
      .filter((step) => /caddy|postgresql/.test(step));
    expect(touched).toEqual([]);
  });
});

describe("a removal with its data", () => {
  it("does not forget the database while PostgreSQL is away", () => {
    const world = stopped(["caddy", "postgresql", "metrics"].reduce(installed, emptyWorld(modules)), "postgresql/db");
    const remove = bindCommand("module.remove", { instance: "metrics", data: "delete", confirm: "metrics" });
    expect(remove.plan(observe(world)).map(({ kind }) => kind)).toContain("database.drop");
  });
});
