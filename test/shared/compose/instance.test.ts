import { describe, expect, it } from "vitest";
import { composeInstance } from "#shared/compose/instance.ts";
import { readPlacedProject } from "#shared/compose/read.ts";
import { Problem } from "#shared/problem.ts";

/** A project as the engine runs it, or the sentence with which it is refused; and what is noted. */
function resolved(text: string) {
  const notes: string[] = [];
  const source = { files: [{ path: "compose.yaml", text }], variables: { TOKEN: "swordfish" }, fallbackName: "app" };
  try {
    const instance = composeInstance(readPlacedProject(source), {
      path: "compose.yaml",
      variables: source.variables,
      onNote: (line) => notes.push(line),
      secretOf: (variable) => `\${secret:${variable.toLowerCase()}}`,
      newest: (image) => `newest ${image}`,
    });
    return { instance, notes, refusal: undefined };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { instance: undefined, notes, refusal: error.message };
  }
}

const container = (attributes: string, more = "") =>
  resolved(`services:\n  web: { image: a, ${attributes} }\n${more}`).instance?.containers[0];

describe("composeInstance", () => {
  it("leaves what a health check does not say to the image", () => {
    expect(container("healthcheck: { disable: false }")?.healthcheck).toEqual({
      test: [],
      intervalMs: 0,
      timeoutMs: 0,
      retries: 0,
      startPeriodMs: 0,
    });
    expect(container("healthcheck: { disable: true }")?.healthcheck?.test).toEqual(["NONE"]);
  });

  it("has marks in place of secrets, and the newest image only where it is asked for", () => {
    const secret = container("secrets: [s], pull_policy: always", "secrets: { s: { environment: TOKEN } }");
    expect(secret?.files).toEqual([{ target: "/run/secrets/s", content: `\${secret:token}`, mode: 0o444 }]);
    expect(secret?.image).toBe("newest a");
    expect(container("pull_policy: missing")?.image).toBe("a");
  });

  it("names what is external or has a name of its own as the engine is to know it", () => {
    const { instance } =
      resolved(`services: { web: { image: a, networks: [out, own, mine], volumes: [data:/d, there:/t] } }
networks: { out: { external: true }, own: { name: exactly }, mine: { internal: true, ipam: { config: [{ subnet: 10.0.0.0/24 }] } } }
volumes: { data: { driver_opts: { type: tmpfs } }, there: { external: true, name: elsewhere } }
`);
    expect(instance).toMatchObject({
      networks: [
        { network: "app/own=exactly", internal: false },
        { network: "app/mine", internal: true, ipam: { pools: [{ subnet: "10.0.0.0/24" }] } },
      ],
      volumes: ["app/data"],
      volumeSettings: { "app/data": { driverOptions: { type: "tmpfs" } } },
      outside: { networks: ["out"], volumes: ["elsewhere"] },
    });
    expect(Object.keys(instance?.containers[0]?.networks ?? {})).toEqual(["=out", "app/own=exactly", "app/mine"]);
    expect(instance?.containers[0]?.mounts).toMatchObject([{ volume: "app/data" }, { volume: "=elsewhere" }]);
  });

  it("knows replicas, and who waits for what to be done", () => {
    const { instance } = resolved(`services:
  web: { image: a, scale: 3, depends_on: { init: { condition: service_completed_successfully }, off: { condition: service_started, required: false } } }
  init: { image: a, pull_policy: never }
  off: { image: a, profiles: [off] }
`);
    expect(instance).toMatchObject({
      after: { web: ["init"], init: [] },
      replicas: { web: 3 },
      completes: ["init"],
      localImages: ["a"],
    });
  });

  it.each([
    [
      "annotations: { a: b }",
      "compose.yaml:2: services.web.annotations: annotations is not supported: Docker Engine has it from version 25 on, and WOPR runs on older ones too",
    ],
    [
      "healthcheck: { test: a, start_interval: 1s }",
      "compose.yaml:2: services.web.healthcheck.start_interval: start_interval is not supported: Docker Engine has it from version 25 on, and WOPR runs on older ones too",
    ],
    [
      "pull_policy: weekly",
      "compose.yaml:2: services.web.pull_policy: pull_policy is not supported: WOPR knows no time at which to look for a newer image (weekly)",
    ],
    [
      "scale: 2, mac_address: '02:00:00:00:00:01'",
      "compose.yaml:2: services.web.mac_address: mac_address is not supported: only one container can have an address, and this service has several",
    ],
    [
      "scale: 2, networks: { default: { ipv4_address: 10.0.0.2 } }",
      "compose.yaml:2: services.web.networks.default.ipv4_address: ipv4_address is not supported: only one container can have an address, and this service has several",
    ],
  ])("refuses %s", (attributes, message) => {
    expect(resolved(`services:\n  web: { image: a, ${attributes} }\n`).refusal).toBe(message);
  });

  it.each([
    [
      "networks:\n  n: { enable_ipv4: false }",
      "compose.yaml:3: networks.n.enable_ipv4: enable_ipv4 is not supported: Docker Engine has networks without IPv4 from version 28 on",
    ],
    [
      "networks:\n  n: { external: true, name: host }",
      "compose.yaml:3: networks.n: host is a network of the engine itself",
    ],
    [
      "configs:\n  c: { external: true }",
      "compose.yaml:3: configs.c.external: external is not supported: it is kept by Docker Swarm",
    ],
    [
      "secrets:\n  s: { external: true }",
      "compose.yaml:3: secrets.s.external: external is not supported: it is kept by Docker Swarm",
    ],
  ])("refuses %s", (declared, message) => {
    expect(resolved(`services: { web: { image: a } }\n${declared}\n`).refusal).toBe(message);
  });

  it("says what has no effect", () => {
    const { notes } = resolved(`services:
  db: { image: a }
  web:
    image: a
    attach: false
    volumes: [{ type: bind, source: /a, target: /a, consistency: cached }]
    configs: [c]
    depends_on: { db: { condition: service_started, restart: true } }
    deploy: { labels: { a: b }, resources: { reservations: { cpus: 1 } }, restart_policy: { delay: 1s, window: 1s } }
    networks: { default: { priority: 1 } }
configs: { c: { content: a, labels: { a: b } } }
`);
    expect(notes.map((note) => note.split(": ")[1])).toEqual([
      "configs.c.labels",
      "services.web.attach",
      "services.web.volumes[0].consistency",
      "services.web.deploy.restart_policy.delay",
      "services.web.deploy.restart_policy.window",
      "services.web.deploy.resources.reservations.cpus",
      "services.web.deploy.labels",
      "services.web.networks.default.priority",
      "services.web.depends_on.db.restart",
    ]);
  });
});
