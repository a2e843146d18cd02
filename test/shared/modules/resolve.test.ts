import { describe, expect, it } from "vitest";
import { z } from "zod";
import { hashOf } from "#shared/hash.ts";
import { ResolvedInstance } from "#shared/instance.ts";
import type { ModuleDefinition } from "#shared/modules/manifest.ts";
import { publicUrl, resolveInstance } from "#shared/modules/resolve.ts";
import { Problem } from "#shared/problem.ts";
import { goldenCases } from "../golden.ts";
import { modulesIn } from "../modules-on-disk.ts";

const modules = modulesIn("test/plans/modules/v1");

const moduleOf = (id: string): ModuleDefinition => {
  const module = modules[id];
  if (module === undefined) throw new Error(`there is no module ${id}`);
  return module;
};

const beacon = {
  domain: "ada.example.org",
  address: "192.0.2.7",
  httpPort: 8080,
  httpsPort: 8443,
  certificates: "internal",
  caddyDirectory: "/var/lib/wopr/caddy",
} as const;

const Case = z.object({
  title: z.string(),
  module: z.string(),
  instance: z.string(),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

describe.each(goldenCases("test/resolved", Case, ["resolved", "problem"]))("$name", ({ input, expectOutput }) => {
  it(input.title, () => {
    try {
      const resolved = resolveInstance(moduleOf(input.module), input, { beacon, modules: {} });
      expect(ResolvedInstance.parse(resolved)).toEqual(resolved);
      expectOutput({ resolved });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      expectOutput({ problem: { code: error.code, message: error.message, hint: error.hint } });
    }
  });
});

describe("resolveInstance", () => {
  const notes = (parameters: Record<string, unknown> = {}, instance = "notes") =>
    resolveInstance(moduleOf("notes"), { instance, parameters }, { beacon, modules: {} });

  it("gives equal results for equal answers, whatever the order", () => {
    expect(hashOf(notes({ theme: "light", port: 7000 }))).toBe(hashOf(notes({ port: 7000, theme: "light" })));
  });

  it("fills in what was not answered", () => {
    expect(notes()).toEqual(notes({ theme: "dark", port: 7070 }));
  });

  it("gives every container of another instance another name and another network", () => {
    const [one, other] = [JSON.stringify(notes()), JSON.stringify(notes({}, "diary"))];
    expect(other.replaceAll("diary", "notes")).toBe(one);
  });

  it("keeps clear of names that PostgreSQL has itself", () => {
    const named = (instance: string) =>
      resolveInstance(moduleOf("metrics"), { instance, parameters: {} }, { beacon, modules: {} }).database?.name;
    expect([named("postgres"), named("template1"), named("pg-admin")]).toEqual([
      "app_postgres",
      "app_template1",
      "app_pg_admin",
    ]);
  });

  const loop = (dependencies: string): ModuleDefinition => ({
    manifest: { ...moduleOf("notes").manifest, routes: [] },
    compose: { path: "loop/compose.yaml", text: `services:\n${dependencies}` },
  });

  it("starts a service after those it depends on", () => {
    const text = "  c: {image: a, depends_on: [a, b]}\n  b: {image: a, depends_on: [a]}\n  a: {image: a}\n";
    const { containers } = resolveInstance(loop(text), { instance: "x", parameters: {} }, { beacon, modules: {} });
    expect(containers.map(({ service }) => service)).toEqual(["a", "b", "c"]);
  });

  it("refuses services that wait for each other", () => {
    const text = "  a: {image: a, depends_on: [b]}\n  b: {image: a, depends_on: [a]}\n";
    expect(() => resolveInstance(loop(text), { instance: "x", parameters: {} }, { beacon, modules: {} })).toThrow(
      expect.objectContaining({
        code: "compose_invalid",
        message: "loop/compose.yaml:2: services.a: services wait for each other: a → b → a",
      }),
    );
  });

  it("refuses a mount that could not be found again", () => {
    expect(() =>
      resolveInstance(
        loop("  a: {image: a, volumes: [/data]}\n"),
        { instance: "x", parameters: {} },
        { beacon, modules: {} },
      ),
    ).toThrow(expect.objectContaining({ code: "compose_invalid", message: expect.stringContaining("/data") }));
  });
});

describe("publicUrl", () => {
  it("names the port unless it is the usual one", () => {
    expect(publicUrl("a.example.org", { httpsPort: 443 })).toBe("https://a.example.org");
    expect(publicUrl("a.example.org", { httpsPort: 8443 })).toBe("https://a.example.org:8443");
  });
});
