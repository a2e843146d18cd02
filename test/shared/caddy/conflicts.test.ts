import { describe, expect, it } from "vitest";
import { routeConflicts } from "#shared/caddy/conflicts.ts";
import type { InstanceRoutes } from "#shared/caddy/route.ts";

const domain = "ada.example.org";
const to = (host: string, path = "/", otherHosts?: string[]) => ({
  host,
  path,
  alias: "web.app",
  port: 80,
  ...(otherHosts === undefined ? {} : { otherHosts }),
});
const served = (instance: string, ...routes: ReturnType<typeof to>[]): InstanceRoutes => ({ instance, routes });
const notes = served("notes", to("notes.ada.example.org", "/", ["notes.example.net"]));

const messages = (mine: InstanceRoutes, ...instances: InstanceRoutes[]) =>
  routeConflicts(mine, { domain, instances }).map(({ message }) => message);

describe("routeConflicts", () => {
  it("finds none among other hosts, other paths, and with what it served before", () => {
    expect(messages(notes, notes, served("diary", to("notes.ada.example.org", "/diary")))).toEqual([]);
  });

  it("names place and instance, with all of them at once", () => {
    const mine = served("copy", to("notes.example.net"), to("notes.ada.example.org"));
    const conflicts = routeConflicts(mine, { domain, instances: [notes] });
    expect(conflicts.map((problem) => problem.toJSON())).toEqual([
      {
        code: "conflict",
        message: "notes.example.net/ is already served by notes",
        hint: "Remove notes first, or choose a name that gives another address.",
        details: { instance: "copy", host: "notes.example.net", path: "/", holder: "notes" },
      },
      expect.objectContaining({ message: "notes.ada.example.org/ is already served by notes" }),
    ]);
  });

  it("keeps the dashboard's host free, whatever the path", () => {
    expect(messages(served("copy", to(domain, "/copy")))).toEqual([
      "ada.example.org/copy is already served by the dashboard",
    ]);
  });

  it("finds two routes of one instance at one place", () => {
    const redirect = { host: "a.example.net", path: "/", redirect: { to: "/b", permanent: true, keepPath: false } };
    const mine = { instance: "a", routes: [to("a.ada.example.org", "/", ["a.example.net"]), redirect] };
    expect(messages(mine)).toEqual(["a.example.net/ is already served by a"]);
  });
});
