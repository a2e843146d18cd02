import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { Problem } from "#shared/problem.ts";
import { type BeaconClient, beaconClient } from "./beacon-client.ts";
import type { Terminal } from "./command.ts";

const DEFAULT_SOCKET = "/var/lib/wopr/root.sock";

/**
 * Options and words of a command that speaks to the beacon, and the way to it.
 * @throws {Problem} `invalid_input` with the usage as its hint
 */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  { argv, environment }: Terminal,
  options: Options,
  usage: string,
) {
  const parse = () => {
    try {
      return parseArgs({
        args: [...argv],
        allowPositionals: true,
        options: { socket: { type: "string" }, ...options },
      });
    } catch (cause) {
      throw wrongUsage(cause instanceof Error ? cause.message : "the options are not valid", usage);
    }
  };
  const { values, positionals } = parse();
  const socket = "socket" in values && typeof values.socket === "string" ? values.socket : environment.WOPR_SOCKET;
  const client: BeaconClient = beaconClient(socket ?? DEFAULT_SOCKET);
  return { values, words: positionals, client };
}

export const wrongUsage = (message: string, usage: string) =>
  new Problem("invalid_input", message, { hint: `Use: wopr ${usage}` });

/** The first word, which a command cannot do without. @throws {Problem} `invalid_input` */
export function firstWord(words: readonly string[], what: string, usage: string): string {
  const [word] = words;
  if (word !== undefined) return word;
  throw wrongUsage(`name the ${what}`, usage);
}
