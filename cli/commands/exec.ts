import { firstWord, readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { runExec } from "../run-exec.ts";

const words = "INSTANCE [SERVICE] [-- COMMAND…]";

export const exec: CliCommand = {
  name: "exec",
  usage: words,
  summary: "run a program in a container of an app: a shell unless one is named; its exit code is passed on",
  run: async (terminal) => {
    const usage = `exec ${words}`;
    const end = terminal.argv.indexOf("--");
    const own = end === -1 ? terminal.argv : terminal.argv.slice(0, end);
    const command = end === -1 ? [] : terminal.argv.slice(end + 1);
    const { words: given, client } = readOptions({ ...terminal, argv: own }, {}, usage);
    const instance = firstWord(given, "instance", usage);
    const { input, output } = terminal.streams;
    const tty = input.isTTY === true && output.isTTY === true;
    const request = {
      instance,
      tty,
      ...(given[1] === undefined ? {} : { service: given[1] }),
      ...(command.length === 0 ? {} : { command: [...command] }),
      ...(tty ? { columns: output.columns, rows: output.rows } : {}),
    };
    terminal.endWith(await runExec(client, terminal, request));
  },
};
