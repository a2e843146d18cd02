import { Problem, parseOr } from "#shared/problem.ts";
import type { AgentFrame } from "#shared/protocol/frames.ts";
import { Queries, type QueryInput, type QueryName, type QueryOutput } from "#shared/queries.ts";
import type { Link } from "./link.ts";

/** Questions change nothing and are cheap: an agent that took longer will not answer any more. */
const ANSWER_MS = 30_000;

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (problem: Problem) => void;
}

/** Questions to one agent that wait for their answers. */
export interface QueryDesk {
  ask<Name extends QueryName>(name: Name, input: QueryInput<Name>): Promise<QueryOutput<Name>>;
  answer(frame: Extract<AgentFrame, { type: "answer" }>): void;
  /** Ends all that wait. */
  abandon(problem: Problem): void;
}

export function createQueryDesk(link: Link, answerMs = ANSWER_MS): QueryDesk {
  const waiting = new Map<string, Waiting>();

  const ask = (name: QueryName, input: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const id = link.send({ type: "query", name, input });
      if (id === undefined) {
        reject(offline());
        return;
      }
      const timer = setTimeout(() => settle(id)?.reject(silent(name)), answerMs);
      waiting.set(id, {
        resolve: (output) => {
          clearTimeout(timer);
          resolve(output);
        },
        reject: (problem) => {
          clearTimeout(timer);
          reject(problem);
        },
      });
    });

  const settle = (id: string) => {
    const one = waiting.get(id);
    waiting.delete(id);
    return one;
  };

  return {
    ask: async (name, input) => parseOutput(name, await ask(name, input)),
    answer: ({ query, output, problem }) => {
      const one = settle(query);
      if (problem === undefined) one?.resolve(output);
      else one?.reject(Problem.from(problem));
    },
    abandon: (problem) => {
      for (const id of [...waiting.keys()]) settle(id)?.reject(problem);
    },
  };
}

type Parsers = { [Name in QueryName]: (output: unknown) => QueryOutput<Name> };

const parsers: Parsers = {
  plan: (output) => parseOr(Queries.plan.output, output, "the beacon's plan", "invalid_frame"),
  journal: (output) => parseOr(Queries.journal.output, output, "the beacon's journal", "invalid_frame"),
};

const parseOutput = <Name extends QueryName>(name: Name, output: unknown): QueryOutput<Name> => parsers[name](output);

/** The agent is not connected, so that nobody can answer now. */
export const offline = () =>
  new Problem("agent_offline", "the beacon is not connected to the hub", {
    hint: "It goes on by itself; try again when it is back.",
  });

const silent = (name: string) => new Problem("timed_out", `the beacon did not answer the question ${name} in time`);
