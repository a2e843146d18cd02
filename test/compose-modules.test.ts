import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { secretMark } from "#shared/container-spec.ts";
import { readModule } from "#shared/modules/read.ts";
import { resolveInstance } from "#shared/modules/resolve.ts";
import { standIns } from "#test/images/stand-ins.ts";

const root = join(import.meta.dirname, "../compose-modules");
const ids = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const beacon = {
  domain: "ada.example.org",
  address: "192.0.2.1",
  httpPort: 80,
  httpsPort: 443,
  certificates: "internal",
  caddyDirectory: "/run/wopr",
} as const;

const read = (id: string) => {
  const folder = join(root, id);
  const file = (name: string) => readFileSync(join(folder, name), "utf8");
  return readModule({ folder, manifestText: file("module.yaml"), composeText: file("compose.yaml") });
};
const resolved = (id: string, parameters = {}) =>
  resolveInstance(read(id), { instance: id, parameters }, { beacon, modules: {} });

describe.each(ids)("module %s", (id) => {
  const module = resolved(id);

  it("runs with no answers from its owner", () => expect(module.containers.length).toBeGreaterThan(0));

  it("pins its images to one version", () => {
    for (const { image } of module.containers)
      expect(image).toMatch(/^[a-z0-9.-]+\.[a-z]+\/.+:v?\d+\.\d+\.\d+|:\d+\.\d+-/);
  });

  it("can be told healthy from ill", () => {
    for (const { healthcheck } of module.containers) expect(healthcheck?.test.length).toBeGreaterThan(0);
  });

  it("comes up again after a reboot", () => {
    for (const { restart } of module.containers) expect(["always", "unless-stopped"]).toContain(restart);
  });

  it("publishes ports for Caddy alone", () => {
    if (id !== "caddy") expect(module.containers.flatMap(({ ports }) => ports)).toEqual([]);
  });

  it("takes no Docker network of its own, of which there are some thirty", () => {
    expect(module.networks.every(({ network }) => !network.includes("/"))).toBe(true);
  });

  it("keeps its data where a backup finds it", () => {
    const { manifest } = read(id);
    if (module.core || module.volumes.length === 0) return;
    expect(manifest.backup?.volumes.map((volume) => `${id}/${volume}`)).toEqual(module.volumes);
  });
});

describe("stand-ins", () => {
  it("stand in for the very images of the modules", () => {
    const images = ids.flatMap((id) => resolved(id).containers.map(({ image }) => image));
    const upstream = standIns.map(({ reference }) => reference).filter((reference) => !reference.includes(".invalid/"));
    expect(images.toSorted()).toEqual(upstream.toSorted());
  });
});

describe("element", () => {
  it("lays its owner's home server into its config", () => {
    const parameters = { homeserver_url: "https://matrix.example.org", server_name: "example.org" };
    const config = JSON.parse(resolved("element", parameters).containers[0]?.files[0]?.content ?? "");
    expect(config.default_server_config["m.homeserver"]).toEqual({
      base_url: "https://matrix.example.org",
      server_name: "example.org",
    });
  });

  it("refuses a name that would break out of its config", () => {
    expect(() => resolved("element", { server_name: 'x", "y": "z' })).toThrow(/server_name/);
  });
});

describe("umami", () => {
  it("finds its own database, with its password left to the beacon", () => {
    const { environment } = resolved("umami").containers[0] ?? {};
    const owner = `app_umami:${secretMark("database_password")}`;
    expect(environment?.DATABASE_URL).toBe(`postgresql://${owner}@postgresql:5432/app_umami`);
  });
});
