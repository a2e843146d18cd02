import { describe, expect, it, vi } from "vitest";
import type { ExecWord } from "#shared/api/exec.ts";
import { Problem } from "#shared/problem.ts";
import { useServedApi } from "./served-api.ts";

const served = useServedApi();
const request = { instance: "app" };
const post = { method: "POST", body: request };
const hello = { type: "input", bytes: Buffer.from("hello").toString("base64") };

describe("running a program", () => {
  it("is for owners, from the beacon's own pages, and over the socket of root", async () => {
    const member = await served.api.bearer({ role: "member" });
    expect(await served.api.ask("/api/exec", { ...post, headers: member })).toMatchObject({ status: 403 });
    expect(await served.api.ask("/api/exec", post)).toMatchObject({ status: 401 });
    const { cookie } = await served.api.visit();
    const foreign = { cookie, "sec-fetch-site": "same-site", origin: "https://notes.ada.example.org" };
    expect(await served.api.ask("/api/exec", { ...post, headers: foreign })).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    const own = { cookie, "sec-fetch-site": "same-origin" };
    expect(await served.api.ask("/api/exec", { ...post, headers: own })).toMatchObject({ status: 200 });
    expect(await served.api.ask("/api/exec", { ...post, socket: "root" })).toMatchObject({ status: 200 });
  });

  it("that cannot be run is refused with its own status", async () => {
    // biome-ignore lint/correctness/useYield: it fails before it has something to give.
    served.api.exec = async function* () {
      throw new Problem("conflict", "app/web does not run: it is exited");
    };
    expect(await served.api.ask("/api/exec", { ...post, socket: "root" })).toMatchObject({
      status: 409,
      body: { code: "conflict", message: "app/web does not run: it is exited" },
    });
  });

  it("leads words to it, in order, and back what it gives; then it is gone", async () => {
    const heard: ExecWord[] = [];
    const end = Promise.withResolvers<void>();
    served.api.exec = async function* ({ id, actor, request: wanted }, { onWord }) {
      onWord((word) => {
        heard.push(word);
      });
      yield { type: "opened", session: id, container: `${wanted.instance}/web`, program: actor };
      await end.promise;
      yield { type: "exit", code: 3 };
    };
    const response = await served.api.open("/api/exec", { ...post, socket: "root" });
    let text = "";
    response.on("data", (chunk) => {
      text += chunk;
    });
    const session = await vi.waitFor(() => {
      const found = /"session":"(exec_[^"]+)"/.exec(text)?.[1];
      if (found === undefined) throw new Error("not yet");
      return found;
    });
    const say = (words: readonly object[], how: object = { socket: "root" }) =>
      served.api.ask(`/api/exec/${session}`, { method: "POST", body: { words }, ...how });
    expect((await say([hello, { type: "eof" }])).status).toBe(204);
    expect(heard).toEqual([hello, { type: "eof" }]);
    // Another owner who knows its id.
    expect((await say([hello], { headers: await served.api.bearer() })).status).toBe(404);
    expect(await say([{ type: "input", bytes: "?" }])).toMatchObject({ status: 400 });
    end.resolve();
    await vi.waitFor(() => expect(text).toContain('event: exit\ndata: {"type":"exit","code":3}'));
    await vi.waitFor(async () => expect((await say([hello])).status).toBe(404));
  });

  it("ends when the reader goes", async () => {
    let ended = false;
    served.api.exec = async function* ({ id }, { signal }) {
      yield { type: "opened", session: id, container: "app/web", program: "sh" };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      ended = true;
    };
    const response = await served.api.open("/api/exec", { ...post, socket: "root" });
    response.destroy();
    await vi.waitFor(() => expect(ended).toBe(true));
  });
});
