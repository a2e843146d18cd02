import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Problem } from "#shared/problem.ts";
import type { Terminal } from "./command.ts";

export const composeUsage =
  "[FILE…] [-p NAME] [--profile NAME]… [--env-file FILE]… [--state FOLDER] [--scope LABEL] [--docker SOCKET] [--mirror HOST:PORT]";

export interface ComposeOptions {
  readonly files: readonly string[];
  readonly project: string | undefined;
  readonly profiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly volumes: boolean;
  /** Folder of what is remembered of a project. */
  readonly stateOf: (project: string) => string;
  /** Marks in the engine what these commands have made. */
  readonly scope: string;
  readonly dockerSocket: string;
  readonly registryMirror: string | undefined;
}

/** @throws {Problem} `invalid_input` */
export function composeOptions({ argv, environment }: Terminal): ComposeOptions {
  const { values, positionals } = parse(argv);
  const stateHome = environment.XDG_STATE_HOME ?? join(environment.HOME ?? homedir(), ".local/state");
  return {
    files: positionals,
    project: values.project ?? environment.COMPOSE_PROJECT_NAME,
    profiles: values.profile ?? environment.COMPOSE_PROFILES?.split(",") ?? [],
    envFiles: values["env-file"] ?? [],
    volumes: values.volumes ?? false,
    stateOf: (project) => values.state ?? join(stateHome, "wopr/compose", project),
    scope: values.scope ?? "compose",
    dockerSocket: values.docker ?? "/var/run/docker.sock",
    registryMirror: values.mirror,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        project: { type: "string", short: "p" },
        profile: { type: "string", multiple: true },
        "env-file": { type: "string", multiple: true },
        volumes: { type: "boolean" },
        state: { type: "string" },
        scope: { type: "string" },
        docker: { type: "string" },
        mirror: { type: "string" },
      },
    });
  } catch (cause) {
    throw new Problem("invalid_input", cause instanceof Error ? cause.message : "the options are not valid", { cause });
  }
}
