import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Me } from "#shared/api/hub.ts";
import { Person } from "#shared/api/trust.ts";
import { verify } from "#shared/protocol/signing.ts";
import { PeopleStatement } from "#shared/protocol/statement.ts";
import { until } from "../provisioning/until.ts";
import type { TestLink } from "../test-agent.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";
import { type LinkedBeacon, startLinkedBeacon } from "./linked-beacon.ts";

let hub: TestHub;
let beacon: TestBeacon;
const linked: LinkedBeacon[] = [];
beforeAll(async () => {
  hub = await startTestHub();
  beacon = await hub.enrolled("ada");
});
afterEach(async () => {
  for (const one of linked.splice(0)) await one.stop();
});
afterAll(() => hub.stop());

const take = async (link: TestLink) => {
  const { statement } = await link.take("people");
  return PeopleStatement.parse(JSON.parse(verify("people", statement, beacon.enrolment.commandKeys)));
};
const everybody = async () => {
  const { body } = await (await hub.operator()).get("/api/people");
  return z.object({ people: z.array(Person) }).parse(body).people;
};
const person = async (email: string) => {
  const client = await hub.owner(email);
  const { id } = Me.parse((await client.get("/api/me")).body);
  return { client, id };
};

describe("the people of a hub", () => {
  it("are listed for the operator, each with what is theirs, also where there are many", async () => {
    await hub.addBeacon("theirs", "Many-7@example.org");
    for (let one = 0; one < 120; one += 1) await hub.accounts.ensureOwner(`many-${one}@example.org`);
    const people = await everybody();
    expect(people.filter(({ email }) => email.startsWith("many-"))).toHaveLength(120);
    expect(people.find(({ email }) => email === "many-7@example.org")).toMatchObject({
      role: "owner",
      beacons: ["theirs"],
    });
    expect(people.find(({ role }) => role === "operator")?.beacons).toEqual([]);
    expect((await (await person("reader@example.org")).client.get("/api/people")).status).toBe(403);
  });
});

describe("whoever is shut out at the hub is shut out on every beacon", () => {
  it("by signing out everywhere: at once where the beacon is, and when it comes where it was away", async () => {
    const { client, id } = await person("everywhere@example.org");
    const link = await beacon.connect();
    expect((await client.post("/api/me/sessions/end")).status).toBe(204);
    expect((await client.get("/api/me")).status).toBe(401);
    expect((await take(link)).revoked.map(({ subject }) => subject)).toContain(id);
    await link.close();
    const again = await beacon.connect();
    expect(await take(again)).toMatchObject({ beacon: beacon.enrolment.beacon, revoked: [{ subject: id }] });
    await again.close();
  });

  it("by being removed, which only the operator does, and never to the operator", async () => {
    const { client, id } = await person("gone@example.org");
    const operator = await hub.operator();
    const path = "/api/people/gone@example.org";
    expect((await client.delete(path)).status).toBe(403);
    expect((await operator.delete("/api/people/operator@example.org")).status).toBe(409);
    expect((await operator.delete("/api/people/nobody@example.org")).status).toBe(404);
    const link = await beacon.connect();
    await take(link);
    expect((await operator.delete(path)).status).toBe(204);
    const list = await until(
      () => take(link),
      ({ revoked }) => revoked.some(({ subject }) => subject === id),
    );
    // Each list is newer than the one before.
    expect(list.revision).toBe(Math.max(...list.revoked.map(({ at }) => at)));
    expect((await client.get("/api/me")).status).toBe(401);
    await link.close();
  });

  it("by the operator, for somebody else, whose account stays", async () => {
    const { client, id } = await person("ended@example.org");
    const path = "/api/people/Ended@example.org/sessions/end";
    expect((await client.post(path)).status).toBe(403);
    expect((await (await hub.operator()).post("/api/people/nobody@example.org/sessions/end")).status).toBe(404);
    const link = await beacon.connect();
    expect((await (await hub.operator()).post(path)).status).toBe(204);
    expect((await client.get("/api/me")).status).toBe(401);
    await until(
      () => take(link),
      ({ revoked }) => revoked.some(({ subject }) => subject === id),
    );
    expect((await everybody()).find((one) => one.id === id)?.email).toBe("ended@example.org");
    await link.close();
  });

  it("with a session that the beacon's own agent then ends", async () => {
    const one = await startLinkedBeacon(hub, "sessions");
    linked.push(one);
    await one.untilLinked();
    const { client, id } = await person("sessions@example.org");
    const { secret } = one.agent.sessions.create({ sub: id, email: "sessions@example.org", role: "owner" });
    const other = one.agent.sessions.create({ sub: "somebody", email: "else@example.org", role: "owner" }).secret;
    await client.post("/api/me/sessions/end");
    await until(
      async () => one.agent.sessions.find(secret),
      (found) => found === undefined,
    );
    expect(one.agent.sessions.find(other)?.sub).toBe("somebody");
  });
});
