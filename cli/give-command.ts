import { BeaconEvent, type CommandRequest, CommandView, endedStates, Plan } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import type { BeaconClient } from "./beacon-client.ts";
import type { Terminal } from "./command.ts";

/** Prints what a command would do now. */
export async function showPlan(client: BeaconClient, { print }: Terminal, request: CommandRequest): Promise<void> {
  const { steps, changes = [], notes = [] } = await client.post("plan", request, Plan);
  const lines = [
    ...notes,
    ...changes
      .filter(({ verdict }) => verdict !== "up-to-date")
      .map(({ container, verdict, reason }) => `${container}: ${verdict}, ${reason}`),
    ...(steps.length === 0 ? ["Nothing to do."] : steps.map(({ title }, index) => `${index + 1}. ${title}`)),
  ];
  print(`${lines.join("\n")}\n`);
}

/**
 * Gives a command, says how it goes on, and waits for its end. Interrupted, it has the command cancelled.
 * @throws {Problem} why it was refused, or what it ended with
 */
export async function giveCommand(client: BeaconClient, terminal: Terminal, request: CommandRequest): Promise<void> {
  const { say, signal } = terminal;
  const listening = new AbortController();
  // Heard from before it is given, so that no end is missed.
  const events = await client.events("events", { signal: listening.signal });
  let id = "";
  const cancel = () =>
    void client.post(`commands/${id}/cancel`, {}, CommandView).catch((error: unknown) => {
      say(`It could not be cancelled, and goes on: ${Problem.wrap(error).message}`);
    });
  let told = "";
  try {
    id = (await client.post("commands", request, CommandView)).id;
    signal.addEventListener("abort", cancel, { once: true });
    for (let view = await client.get(`commands/${id}`, CommandView); ; ) {
      const line = lineOf(view);
      if (line !== told && line !== "") say(line);
      told = line;
      if (endedStates.includes(view.state)) return end(view);
      view = await nextOf(events, id);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    listening.abort();
  }
}

const lineOf = ({ progress }: CommandView) =>
  progress === undefined
    ? ""
    : `[${progress.step}/${progress.steps}] ${progress.title}${progress.detail === undefined ? "" : `: ${progress.detail}`}`;

async function nextOf(events: AsyncIterable<{ event: string; data: string }>, id: string): Promise<CommandView> {
  // Not for…of: leaving that would close the events.
  const iterator = events[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) throw new Problem("unavailable", "the agent of this beacon went away", { hint: "The command goes on." });
    if (value.event !== "command") continue;
    const view = BeaconEvent.command.parse(JSON.parse(value.data));
    if (view.id === id) return view;
  }
}

function end({ state, problem }: CommandView): void {
  if (state === "done") return;
  if (problem !== undefined) throw Problem.from(problem);
  throw new Problem("cancelled", `the command ended as ${state}`);
}
