import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCommand, resultOf, type TestLink } from "#test/hub/test-agent.ts";
import { startTestHub, type TestBeacon, type TestHub } from "#test/hub/test-hub.ts";

let hub: TestHub;
let ada: TestBeacon;
beforeAll(async () => {
  hub = await startTestHub();
  ada = await hub.enrolled("ada");
});
afterAll(() => hub.stop());

const main = join(import.meta.dirname, "../../cli/main.ts");
const run = (...argv: string[]): Promise<{ code: number; out: string; said: string }> =>
  new Promise((resolve) => {
    const all = [main, "hub", ...argv, "--hub", join(hub.config.dataDirectory, "root.sock")];
    execFile(process.execPath, all, (error, out, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
  });
const obeys = async (link: TestLink, problem?: Parameters<typeof resultOf>[1]) => {
  const { id, name } = readCommand(await link.take("command"), ada.enrolment);
  link.send({ type: "accepted", command: id });
  link.send(resultOf(id, problem));
  return name;
};

describe("on the hub's machine", () => {
  it("a beacon is suspended and resumed, told as it goes on", async () => {
    const link = await ada.connect();
    const suspending = run("suspend", "ada");
    expect(await obeys(link)).toBe("beacon.suspend");
    expect(await suspending).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^lifecycle_/),
      said: expect.stringMatching(/no more commands.*apps are stopped/s),
    });
    await link.close();

    const left = await run("resume", "ada", "--no-wait");
    expect(left).toMatchObject({ code: 0, said: "" });
    const listed = await run("jobs", "ada");
    expect(listed.out).toMatch(/resume +running/);
    expect(listed.out).toMatch(/suspend +done/);

    const again = await ada.connect();
    await obeys(again, { code: "docker_refused", message: "the engine says no" });
    const id = left.out.trim();
    await expect.poll(async () => (await run("jobs")).out, { timeout: 20_000 }).toContain("the engine says no");
    const retrying = run("retry", id);
    await obeys(again);
    expect(await retrying).toMatchObject({ code: 0, said: expect.stringContaining("takes commands again") });
    expect(await run("cancel", id)).toMatchObject({ code: 1, said: expect.stringContaining("is done") });
  });

  it("says with what a change failed", async () => {
    const { code, said } = await run("resize", "ada", "t2");
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("knows no server of ada") });
  });

  it.each([
    [["suspend"], "name the beacon"],
    [["suspend", "bob"], "no beacon bob"],
    [["resize", "ada"], "name the tier"],
    [["resize", "ada", "t9"], "name the tier"],
    [["transfer", "ada"], "address of the new owner"],
    [["transfer", "ada", "eve@example.org"], "confirmed by the name"],
    [["rebuild", "ada", "--confirm", "ada"], "--discard-data"],
    [["delete", "ada"], "confirmed by the name"],
    [["delete", "ada", "--confirm", "bob"], "confirmed by the name"],
    [["retry", "lifecycle_00000000"], "no job"],
  ])("%j is refused: %s", async (argv, why) => {
    expect(await run(...argv)).toMatchObject({ code: 1, said: expect.stringContaining(why) });
  });
});
