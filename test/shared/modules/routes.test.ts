import { describe, expect, it } from "vitest";
import { Manifest } from "#shared/modules/manifest.ts";
import { resolveRoutes } from "#shared/modules/routes.ts";

const manifest = Manifest.parse({
  id: "notes",
  version: "1.0.0",
  title: "Notes",
  category: "productivity",
  summary: "Keeps notes.",
  description: "Keeps notes.",
  replaces: [],
  addonCentsPerMonth: 0,
  resources: { memoryMb: 1, cpus: 1, diskMb: 1 },
  routes: [
    {
      service: "web",
      port: 80,
      maxBodyMb: 1,
      hostsParameter: "hosts",
      headers: { response: { set: { "X-Frame-Options": "DENY" } } },
    },
  ],
  redirects: [{ subdomain: "old", to: "https://example.net", permanent: true, keepPath: true }],
  sources: ["https://example.org/"],
});
const resolve = (hosts?: unknown) =>
  resolveRoutes(manifest, {
    name: "diary",
    parameters: hosts === undefined ? {} : { hosts },
    domain: "ada.example.org",
    signOn: undefined,
  });

describe("resolveRoutes", () => {
  it("fills in names, limits and headers, and adds where people are sent on", () => {
    expect(resolve()).toEqual([
      {
        host: "diary.ada.example.org",
        path: "/",
        alias: "web.diary",
        port: 80,
        maxBodyBytes: 1048576,
        headers: { response: { set: { "X-Frame-Options": "DENY" } } },
      },
      {
        host: "old.ada.example.org",
        path: "/",
        redirect: { to: "https://example.net", permanent: true, keepPath: true },
      },
    ]);
  });

  it.each(["b.example.net, a.example.net", "a.example.net b.example.net a.example.net"])(
    "lists own hosts: %s",
    (hosts) => expect(resolve(hosts)[0]).toMatchObject({ otherHosts: ["a.example.net", "b.example.net"] }),
  );

  it.each(["", " , "])("takes %j for none", (hosts) => expect(resolve(hosts)[0]).not.toHaveProperty("otherHosts"));

  it.each(["*.example.net", "https://a.example.net", "localhost:80"])("refuses %s", (hosts) =>
    expect(() => resolve(hosts)).toThrow(expect.objectContaining({ code: "invalid_input" })),
  );
});
