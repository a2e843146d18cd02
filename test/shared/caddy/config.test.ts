import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { acmeRootsFile, caddyConfig } from "#shared/caddy/config.ts";
import { liveRoutes } from "#shared/caddy/live.ts";
import { TRANSPORT, TRY_AGAIN } from "#shared/caddy/route.ts";
import { canonicalJson, hashOf } from "#shared/hash.ts";
import { Route } from "#shared/route.ts";
import { goldenCases } from "../golden.ts";
import { caddyBinary, hasCaddy } from "./real-caddy.ts";

const Case = z.object({
  title: z.string(),
  certificates: z.enum(["internal", "acme"]),
  acme: z.strictObject({ directory: z.string(), email: z.string(), caFile: z.string() }).exactOptional(),
  httpsPort: z.number(),
  withoutCertificate: z.array(z.string()).exactOptional(),
  instances: z.array(z.object({ instance: z.string(), routes: z.array(Route) })),
});

const factsOf = ({ certificates, acme, httpsPort, withoutCertificate = [], instances }: z.output<typeof Case>) => ({
  beacon: {
    domain: "ada.example.org",
    address: "0.0.0.0",
    httpPort: 80,
    httpsPort,
    certificates,
    ...(acme === undefined ? {} : { acme }),
    caddyDirectory: "/x",
  },
  withoutCertificate,
  instances,
});

/** As Caddy gives it back. */
const wire = (value: unknown): unknown => JSON.parse(canonicalJson(value));

/** Whole pages would hide the rest: their titles stand for them. */
const withTitles = (config: unknown): unknown =>
  JSON.parse(JSON.stringify(config), (_key, value) =>
    typeof value === "string" ? (/<title>(.*?)<\/title>/.exec(value)?.[1] ?? value) : value,
  );

const cases = goldenCases("test/caddy", Case, ["config"]);

describe.each(cases)("$name", ({ input, expectOutput }) => {
  const config = caddyConfig(factsOf(input));

  it(input.title, () => expectOutput({ config: withTitles(config) }));

  it("is the same in whatever order the instances come", () => {
    const turned = caddyConfig(factsOf({ ...input, instances: input.instances.toReversed() }));
    expect(JSON.stringify(turned)).toBe(JSON.stringify(config));
  });

  it("tells from a running configuration who is served with what", () => {
    expect(liveRoutes(wire(config), input.instances)).toEqual(
      Object.fromEntries(input.instances.map(({ instance, routes }) => [instance, hashOf(routes)])),
    );
  });

  it.skipIf(!hasCaddy)("is valid to Caddy", () => {
    const folder = mkdtempSync(join(tmpdir(), "wopr-caddy-"));
    try {
      const file = join(folder, "caddy.json");
      writeFileSync(file, JSON.stringify(config).replaceAll("/run/wopr", folder));
      writeFileSync(join(folder, acmeRootsFile), rootCertificates.join("\n"));
      const env = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
      execFileSync(caddyBinary, ["validate", "--config", file], { env, stdio: "pipe" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("liveRoutes", () => {
  const input = cases.find(({ name }) => name === "paths.yaml")?.input;
  if (input === undefined) throw new Error("the case paths.yaml is missing");
  const text = canonicalJson(caddyConfig(factsOf(input)));
  const between = canonicalJson({ load_balancing: TRY_AGAIN, transport: TRANSPORT }).slice(1, -1);
  const stateAfter = (from: string | RegExp, to: string) => {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    return liveRoutes(JSON.parse(changed), input.instances);
  };

  it.each([
    ["another upstream", "web.notes:3000", "web.notes:3001"],
    ["another host", /"host":\["notes/, '"host":["nodes'],
    ["another path", '"/api/*"', '"/*"'],
    ["another limit", '"max_size":10485760', '"max_size":1'],
    [
      "a handler more",
      `{"flush_interval":"1ms","handler":"reverse_proxy",${between},"upstreams":[{"dial":"web.notes`,
      `{"handler":"headers"},{"flush_interval":"1ms","handler":"reverse_proxy",${between},"upstreams":[{"dial":"web.notes`,
    ],
    ["another id", '"@id":"notes.1.', '"@id":"other.1.'],
    ["no id", /"@id":"notes\.0\.[^"]*",/, ""],
  ])("calls an instance unsettled of which a route has %s", (_what, from, to) => {
    expect(stateAfter(from, to).notes).toBe("unsettled");
  });

  it("knows its routes with and without what only later versions can do", () => {
    const later = caddyConfig({ ...factsOf(input), abilities: { streamCloseDelay: true } });
    expect(JSON.stringify(later)).toContain("stream_close_delay");
    expect(liveRoutes(wire(later), input.instances).notes).toMatch(/^[0-9a-f]{64}$/);
  });

  it("calls what is served and not wanted unsettled", () => {
    expect(liveRoutes(JSON.parse(text), [])).toMatchObject({ notes: "unsettled" });
  });

  it.each([null, "text", {}, { apps: {} }, { apps: { http: { servers: { https: { routes: [null, 1, {}] } } } } }])(
    "finds nothing in %j",
    (config) => {
      expect(liveRoutes(config, [])).toEqual({});
      expect(liveRoutes(config, input.instances).notes).toBe("unsettled");
    },
  );
});
