import { Problem, parseOr } from "#shared/problem.ts";
import { Queries, type QueryInput, type QueryName, type QueryOutput } from "#shared/queries.ts";

/** One answer for each query: a missing one does not compile. */
export type QueryHandlers = { readonly [Name in QueryName]: (input: QueryInput<Name>) => Promise<QueryOutput<Name>> };

const isQuery = (name: string): name is QueryName => Object.hasOwn(Queries, name);

/** @throws {Problem} `not_found`, `invalid_input`, or what the query itself says */
export async function answerQuery(handlers: QueryHandlers, name: string, input: unknown): Promise<unknown> {
  if (!isQuery(name)) {
    throw new Problem("not_found", `this agent does not know a query ${name}`, {
      hint: `Known are: ${Object.keys(Queries).join(", ")}.`,
    });
  }
  return await answers[name](handlers, input);
}

type Answers = {
  readonly [Name in QueryName]: (handlers: QueryHandlers, input: unknown) => Promise<QueryOutput<Name>>;
};

const inputOf = (name: QueryName) => `the input of query ${name}`;

const answers: Answers = {
  plan: ({ plan }, input) => plan(parseOr(Queries.plan.input, input, inputOf("plan"))),
  journal: ({ journal }, input) => journal(parseOr(Queries.journal.input, input, inputOf("journal"))),
};
