import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { CommandDetail, CommandRequest, CommandView, Plan } from "#shared/api/beacon.ts";
import { assertUnreserved, bindCommand, inputAt } from "#shared/command-registry.ts";
import { LedgerAudit } from "#shared/ledger/difference.ts";
import { Id } from "#shared/names.ts";
import { Problem } from "#shared/problem.ts";
import type { Beacon } from "../../store/beacons.ts";
import { BeaconParams, body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const CommandParams = BeaconParams.extend({ command: Id });
const CommandPage = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) });

/** What can be done to one beacon: the other half of `shared/api/beacon.ts`. */
export function createCommandRoutes({ guards, dispatch, auditLedger, links, now }: HttpParts) {
  const commandOf = async (beacon: string, id: string) => {
    const command = await dispatch.detail(id, beacon);
    if (command !== undefined) return command;
    throw new Problem("not_found", `there is no command ${id} of this beacon`);
  };

  return createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/plan",
        tags: ["commands"],
        summary: "What a command would do now, without doing it",
        middleware: guards.beacon,
        request: { params: BeaconParams, body: body(CommandRequest) },
        responses: { 200: json(Plan, "The steps") },
      }),
      async (c) => {
        const { name, input: given } = c.req.valid("json");
        const input = inputAt(name, given, now());
        bindCommand(name, input);
        return c.json(await links.query(c.var.beacon.id, "plan", { name, input }), 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/commands",
        tags: ["commands"],
        summary: "Commands of the beacon",
        middleware: guards.beacon,
        request: { params: BeaconParams, query: CommandPage },
        responses: { 200: json(z.object({ commands: z.array(CommandView) }), "Newest first") },
      }),
      async (c) => c.json({ commands: await dispatch.list(c.var.beacon.id, c.req.valid("query").limit) }, 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/commands",
        tags: ["commands"],
        summary: "Have the beacon do something",
        middleware: guards.beacon,
        request: { params: BeaconParams, body: body(CommandRequest) },
        responses: { 202: json(CommandView, "The command, to be followed by its id") },
      }),
      async (c) => {
        const { user, beacon } = c.var;
        assertReachable(beacon);
        assertUnreserved(c.req.valid("json").name);
        const command = await dispatch.send({ beacon: beacon.id, actor: user.email, ...c.req.valid("json") });
        return c.json(command, 202);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/audit",
        tags: ["commands"],
        summary: "Where the ledgers of the hub and of the beacon contradict each other",
        middleware: guards.beacon,
        request: { params: BeaconParams },
        responses: { 200: json(LedgerAudit, "What each difference means, and what to do") },
      }),
      async (c) => c.json(await auditLedger(c.var.beacon.id), 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/commands/{command}",
        tags: ["commands"],
        summary: "One command, with its life",
        middleware: guards.beacon,
        request: { params: CommandParams },
        responses: { 200: json(CommandDetail, "The command") },
      }),
      async (c) => {
        const { beacon, command } = c.req.valid("param");
        return c.json(await commandOf(beacon, command), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/commands/{command}/cancel",
        tags: ["commands"],
        summary: "End a command, if it has not ended yet",
        middleware: guards.beacon,
        request: { params: CommandParams },
        responses: { 202: json(CommandView, "The command") },
      }),
      async (c) => {
        const { beacon, command: id } = c.req.valid("param");
        await commandOf(beacon, id);
        return c.json(await dispatch.cancel(id, c.var.user.email), 202);
      },
    );
}

/** What waits for an agent that never comes back would only be in the way of the next one. @throws {Problem} `conflict` */
function assertReachable({ name, revokedAt, leaving, suspendedAt }: Beacon): void {
  if (suspendedAt !== undefined) {
    throw new Problem("not_entitled", `${name} is suspended, and takes no commands`, { hint: "Resume it first." });
  }
  if (leaving !== undefined) throw new Problem("conflict", `${name} is leaving this hub, and takes no more commands`);
  if (revokedAt === undefined) return;
  throw new Problem("conflict", `the agent of ${name} was shut out, and takes no commands`, {
    hint: "Enrol it again first.",
  });
}
