import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { withMachineLock } from "#scripts/machine-lock.ts";

const lock = (name: string, timeoutMs = 10_000) => ({
  name: `wopr-test-${process.pid}-${name}`,
  timeoutMs,
  onWait: () => undefined,
});

describe("withMachineLock", () => {
  it("lets one work at a time", async () => {
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push(`${name} ends`);
    };
    await Promise.all([withMachineLock(lock("one"), work("a")), withMachineLock(lock("one"), work("b"))]);
    expect(events.map((event) => event.split(" ")[1])).toEqual(["begins", "ends", "begins", "ends"]);
  });

  it("is free again after work that failed", async () => {
    await expect(withMachineLock(lock("two"), () => Promise.reject(new Error("no luck")))).rejects.toThrow("no luck");
    expect(await withMachineLock(lock("two", 0), async () => "next")).toBe("next");
  });

  it("is free again after a process that was killed in the middle", async () => {
    const { name } = lock("three");
    const holder = spawn(process.execPath, [
      "--eval",
      `require("node:net").createServer().listen("\\0" + ${JSON.stringify(name)}, () => console.log("held"))`,
    ]);
    await once(holder.stdout, "data");
    let waited = false;
    const next = withMachineLock({ ...lock("three"), onWait: () => (waited = true) }, async () => "mine");
    holder.kill("SIGKILL");
    expect(await next).toBe("mine");
    expect(waited).toBe(true);
  });

  it("gives up in time and says who is in the way", async () => {
    const held = withMachineLock(lock("four"), () => new Promise((resolve) => setTimeout(resolve, 600)));
    await expect(withMachineLock(lock("four", 100), async () => "never")).rejects.toThrow(/another process has held/);
    await held;
  });
});
