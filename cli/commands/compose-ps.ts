import { instanceNameOf } from "#shared/compose/instance.ts";
import { containerName } from "#shared/container-spec.ts";
import type { ObservedContainer } from "#shared/observed.ts";
import type { CliCommand } from "../command.ts";
import { openEngine } from "../compose-engine.ts";
import { composeOptions, composeUsage } from "../compose-options.ts";
import { loadProject } from "../compose-project.ts";

export const composePs: CliCommand = {
  name: "compose ps",
  usage: composeUsage,
  summary: "print its containers and how they are",
  run: async (terminal) => {
    const options = composeOptions(terminal);
    const { name } = loadProject(options, terminal).project;
    const engine = openEngine(name, options, terminal);
    try {
      const { containers } = await engine.observe();
      const own = containers
        .filter(({ instance }) => instance === instanceNameOf(name))
        .toSorted((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : a.replica - b.replica));
      terminal.print(table(own.map((container) => [containerName(container), wordOf(container), container.image])));
    } finally {
      engine.close();
    }
  },
};

const wordOf = ({ state, health, exitCode }: ObservedContainer): string => {
  if (state === "running") return health === "none" ? state : health;
  return exitCode === undefined ? state : `exited (${exitCode})`;
};

function table(rows: readonly (readonly string[])[]): string {
  const lines = [["CONTAINER", "STATE", "IMAGE"], ...rows];
  const width = (column: number) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0));
  return lines
    .map(
      (cells) =>
        `${cells
          .map((cell, n) => cell.padEnd(width(n)))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}
