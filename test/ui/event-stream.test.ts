import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type LinkState, LOST_AFTER_MS, openEventStream } from "#ui/event-stream.ts";

/** The browser's `EventSource`, as far as connections come and go: the test says when. */
class Connection extends EventTarget {
  onopen: (() => void) | undefined;
  onerror: (() => void) | undefined;
  closed = false;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
  }

  close() {
    this.closed = true;
  }
}

describe("the link to a server", () => {
  let connections: Connection[];
  let states: LinkState[];
  let close: () => void;
  const newest = () => {
    const connection = connections.at(-1);
    if (connection === undefined) throw new Error("nothing was connected");
    return connection;
  };
  /** Until another connection is tried, or 20 s are over. @returns how long that took */
  const retried = async () => {
    const { length } = connections;
    const from = Date.now();
    while (connections.length === length && Date.now() - from < 20_000) await vi.advanceTimersByTimeAsync(10);
    return Date.now() - from;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    connections = [];
    states = [];
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal(
      "EventSource",
      class extends Connection {
        constructor(url: string) {
          super(url);
          connections.push(this);
        }
      },
    );
    close = openEventStream({ url: "/api/events", listeners: [], onState: (state) => states.push(state) });
    newest().onopen?.();
  });
  afterEach(() => {
    close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test("is open when it is, and says so again after a cut that heals at once, but not that it was lost", async () => {
    newest().onerror?.();
    expect(await retried()).toBeLessThan(LOST_AFTER_MS / 2);
    newest().onopen?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states).toEqual(["connecting", "open", "open"]);
    expect(connections.map(({ closed }) => closed)).toEqual([true, false]);
  });

  test("is lost after three seconds, told once, until it is back", async () => {
    newest().onerror?.();
    await vi.advanceTimersByTimeAsync(LOST_AFTER_MS - 1);
    expect(states).toEqual(["connecting", "open"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(states).toEqual(["connecting", "open", "lost"]);
    for (let tries = 0; tries < 3; tries++) {
      await retried();
      newest().onerror?.();
    }
    await vi.advanceTimersByTimeAsync(LOST_AFTER_MS);
    expect(states).toEqual(["connecting", "open", "lost"]);
    await retried();
    newest().onopen?.();
    expect(states.at(-1)).toBe("open");
  });

  test("that is cut twice in a row has three seconds each time", async () => {
    for (let cuts = 0; cuts < 4; cuts++) {
      newest().onerror?.();
      await retried();
      newest().onopen?.();
    }
    expect(states).not.toContain("lost");
  });

  test("that never comes is lost too", async () => {
    close();
    states = [];
    close = openEventStream({ url: "/api/events", listeners: [], onState: (state) => states.push(state) });
    for (let tries = 0; tries < 3; tries++) {
      newest().onerror?.();
      await retried();
    }
    expect(states).toEqual(["connecting", "lost"]);
  });

  test("is tried less and less often, and at once when the browser is online again", async () => {
    const waits: number[] = [];
    for (let tries = 0; tries < 7; tries++) {
      newest().onerror?.();
      waits.push(await retried());
    }
    expect(waits[0]).toBeLessThan(1_300);
    expect(waits.at(-1)).toBeGreaterThan(11_000);
    expect(Math.max(...waits)).toBeLessThan(19_000);
    newest().onerror?.();
    const { length } = connections;
    window.dispatchEvent(new Event("online"));
    expect(connections).toHaveLength(length + 1);
  });

  test("is opened anew when the server asks for it, and the one before ends only when the next one stands", async () => {
    const [first] = connections;
    first?.dispatchEvent(new Event("again"));
    expect(connections.map(({ closed }) => closed)).toEqual([false, false]);
    newest().onopen?.();
    expect(connections.map(({ closed }) => closed)).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states).toEqual(["connecting", "open"]);
    // The next one is as good as the first: it heals, and can be followed as well.
    newest().dispatchEvent(new Event("again"));
    newest().onopen?.();
    newest().onerror?.();
    await retried();
    newest().onopen?.();
    expect(states).toEqual(["connecting", "open", "open"]);
    expect(connections.filter(({ closed }) => !closed)).toHaveLength(1);
  });

  test("goes on when the one that should follow does not come, until the server ends it", async () => {
    const [first] = connections;
    first?.dispatchEvent(new Event("again"));
    newest().onerror?.();
    expect(connections.map(({ closed }) => closed)).toEqual([false, true]);
    first?.onerror?.();
    await retried();
    newest().onopen?.();
    expect(states).toEqual(["connecting", "open", "open"]);
  });

  test("leaves nothing open when it is closed while the next one is on its way", () => {
    newest().dispatchEvent(new Event("again"));
    close();
    expect(connections.every(({ closed }) => closed)).toBe(true);
  });

  test("that was closed is neither tried again nor lost", async () => {
    newest().onerror?.();
    close();
    const { length } = connections;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections).toHaveLength(length);
    expect(states).toEqual(["connecting", "open"]);
  });
});
