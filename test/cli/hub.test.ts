import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const main = join(import.meta.dirname, "../../cli/main.ts");
const run = (...argv: string[]): Promise<{ code: number; out: string; said: string }> =>
  new Promise((resolve) => {
    const all = [main, ...argv, "--hub", join(hub.config.dataDirectory, "root.sock")];
    execFile(process.execPath, all, (error, out, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
  });

describe("on the hub's machine", () => {
  it("an agent is shut out by its name, said twice, and another one gets in", async () => {
    const beacon = await hub.enrolled("ada");
    expect(await run("hub", "revoke", "ada")).toMatchObject({ code: 1, said: expect.stringContaining("confirmed") });
    expect(await run("hub", "revoke", "bob", "--confirm", "bob")).toMatchObject({
      code: 1,
      said: expect.stringMatching(/no beacon bob.*It has: ada/s),
    });
    const link = await beacon.connect();
    expect(await run("hub", "revoke", "ada", "--confirm", "ada")).toMatchObject({ code: 0 });
    expect((await link.closed).code).toBe(4005);
    const { code, out } = await run("hub", "enrol", "ada");
    expect(code).toBe(0);
    const asked = { token: out.trim(), publicKey: "A".repeat(43), agentVersion: "1", hostname: "ada" };
    expect((await hub.client().post("/api/agent/enrol", asked)).status).toBe(200);
  });

  it("keys are followed by others", async () => {
    for (const what of ["rotate-key", "rotate-token-key"]) {
      expect(await run("hub", what)).toMatchObject({ code: 0, said: expect.stringContaining("signs from now on") });
    }
  });
});
