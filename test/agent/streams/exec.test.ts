import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ExecSessions } from "#agent/exec-sessions.ts";
import { signedExec } from "#agent/streams/exec.ts";
import { createWindow } from "#agent/streams/window.ts";
import type { ExecWord } from "#shared/api/exec.ts";
import type { ExecStatement } from "#shared/protocol/statement.ts";
import { BEACON, type FakeHub, startFakeHub } from "../fake-hub.ts";
import { type LinkedAgent, startLinkedAgent } from "../linked-agent.ts";

let hub: FakeHub;
let agent: LinkedAgent;
let opened: Parameters<ExecSessions["open"]>[0][];
let heard: ExecWord[];

beforeEach(async () => {
  opened = [];
  heard = [];
  hub = await startFakeHub();
  const open: ExecSessions["open"] = async function* (order, { signal, onWord }) {
    opened.push(order);
    onWord((word) => {
      heard.push(word);
    });
    yield { type: "opened", session: order.id, container: "app/web", program: "sh" };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  const commandKeys = () => hub.enrolment.commandKeys;
  agent = startLinkedAgent(hub, {
    exec: signedExec({ beacon: BEACON, commandKeys, sessions: { open }, hubTime: hub.now }),
  });
  await hub.welcomed(1);
});
afterEach(async () => {
  await agent.stop();
  await hub.stop();
});

const request = { instance: "app", tty: true, columns: 80, rows: 24 };
const say = (changes: Partial<ExecStatement>, as: "exec" | "command" = "exec") => {
  const statement = hub.signed(as, {
    ...{ beacon: BEACON, id: "exec_00000001", request, actor: "ada@example.org" },
    expiresAt: hub.now() + 60_000,
    ...changes,
  });
  return hub.send({ type: "open", name: "exec", input: { statement } });
};

describe("a program that the hub asks for", () => {
  it("needs the hub's signature on that very wish, for this beacon, in time", async () => {
    const refusals: [string, string][] = [
      [say({}, "command"), "signature_invalid"],
      [say({ beacon: "bcn_somebody-else" }), "wrong_beacon"],
      [say({ expiresAt: hub.now() - 1 }), "command_expired"],
    ];
    for (const [stream, code] of refusals) {
      expect((await hub.frame("end", (frame) => frame.stream === stream)).problem?.code).toBe(code);
    }
    expect(opened).toEqual([]);
  });

  it("is opened as signed, and told what the hub says until it is closed", async () => {
    const stream = say({});
    expect((await hub.frame("data")).items).toEqual([
      { type: "opened", session: "exec_00000001", container: "app/web", program: "sh" },
    ]);
    expect(opened).toEqual([{ id: "exec_00000001", actor: "ada@example.org", request }]);
    const words = [{ type: "resize", columns: 5, rows: 5 }, { type: "nonsense" }, { type: "shown", bytes: 7 }];
    hub.send({ type: "tell", stream, words });
    hub.send({ type: "tell", stream: "frm_nobody-there", words });
    await vi.waitFor(() => expect(heard).toEqual([words[0], words[2]]));
    hub.send({ type: "close", stream });
    expect((await hub.frame("end")).problem).toBeUndefined();
    expect(hub.closed).toEqual([]);
  });
});

describe("a window", () => {
  it("stops what is not shown, and cannot be opened for what was not sent", async () => {
    const over = new AbortController();
    const window = createWindow(10, over.signal);
    window.shown(1_000_000);
    await window.sent(6);
    let went = false;
    const second = window.sent(6).then(() => {
      went = true;
    });
    window.shown(2);
    await Promise.resolve();
    expect(went).toBe(false);
    window.shown(3);
    await second;
    const last = window.sent(10);
    over.abort();
    await last;
  });
});
