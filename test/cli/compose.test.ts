// @module-tag docker
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { docker, leftIn, removeScope, uniqueScope } from "#test/agent/docker/engine.ts";

const main = join(import.meta.dirname, "../../cli/main.ts");
const REDIS = "docker.io/library/redis:7.2.16-alpine";

let mirror: StandInMirror;
let folder: string;
let scope: string;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["redis"] });
}, 600_000);
afterAll(() => mirror?.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-compose-"));
  scope = uniqueScope();
});
afterEach(async () => {
  await removeScope(scope);
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

function wopr(command: string, ...argv: string[]): Promise<Outcome> {
  const options = ["-p", "shop", "--state", join(folder, "state"), "--scope", scope, "--mirror", mirror.mirror];
  const all = [main, "compose", command, join(folder, "compose.yaml"), ...options, ...argv];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { cwd: folder }, (error, out, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
  });
}

const write = (text: string, file = "compose.yaml") => writeFileSync(join(folder, file), text);
/** Its id, as its name changes with each change that starts the new one first. */
const container = (service: string) =>
  docker("ps", "--quiet", "--filter", `label=wopr.scope=${scope}`, "--filter", `label=wopr.service=${service}`);
const inside = async (service: string, ...argv: string[]) => docker("exec", await container(service), ...argv);

describe("wopr compose config", () => {
  it("prints the normal form as JSON, and what has no effect beside it", async () => {
    write("IMAGE=a:1\n", ".env");
    write("services: { web: { image: '$IMAGE', ports: ['80'], develop: {} } }\n");
    const { code, out, said } = await wopr("config");
    expect({ code, said }).toEqual({
      code: 0,
      said: `${folder}/compose.yaml:1: services.web.develop: is about the work on an image, and has no effect here\n`,
    });
    expect(JSON.parse(out)).toEqual({
      name: "shop",
      services: {
        web: {
          command: null,
          entrypoint: null,
          image: "a:1",
          networks: { default: null },
          ports: [{ mode: "ingress", target: 80, protocol: "tcp" }],
        },
      },
      networks: { default: { name: "shop_default", ipam: {} } },
    });
  });

  it("says file, line and what is wrong", async () => {
    write("services:\n  web: { imgae: a }\n");
    expect(await wopr("config")).toEqual({
      code: 1,
      out: "",
      said: `${folder}/compose.yaml:2: services.web.imgae: imgae is not known in a service (did you mean image?)\n`,
    });
  });

  it("refuses an option that it does not know", async () => {
    write("services: { web: { image: a } }\n");
    expect(await wopr("config", "--colour")).toMatchObject({ code: 1, said: expect.stringContaining("--colour") });
  });
});

/** The cases of https://github.com/compose-spec/compose-spec/tree/main (conformance tests), on the real engine. */
describe("wopr compose up and down", { timeout: 120_000 }, () => {
  it("goes through the life of a project: plan, up, nothing to do, change, down", async () => {
    write(`services: { web: { image: "${REDIS}" } }\n`);
    const planned = await wopr("plan");
    expect(planned.out).toContain("Create container shop/web\n");
    expect(await leftIn(scope)).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await wopr("up")).toMatchObject({ code: 0, said: expect.stringContaining("shop is up.") });
    expect((await wopr("plan")).out).toBe("Nothing to do.\n");
    write(`services: { web: { image: "${REDIS}", environment: [A=1], labels: [b=2] } }\n`);
    expect((await wopr("up")).code).toBe(0);
    expect(await inside("web", "printenv", "A")).toBe("1");
    expect((await wopr("down")).code).toBe(0);
    expect(await leftIn(scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it("joins networks: services of one find each other, those of different ones do not", async () => {
    write(`services:
  a: { image: "${REDIS}", networks: { front: { aliases: [other] } } }
  b: { image: "${REDIS}", networks: [front] }
  c: { image: "${REDIS}", networks: [back] }
networks: { front: , back: }
`);
    expect((await wopr("up")).code).toBe(0);
    expect(await inside("b", "redis-cli", "-h", "a", "ping")).toBe("PONG");
    expect(await inside("b", "redis-cli", "-h", "other", "ping")).toBe("PONG");
    await expect(inside("c", "redis-cli", "-h", "a", "ping")).rejects.toThrow();
  });

  it("mounts volumes, config and secret files, and publishes UDP ports; down keeps data until it is told", async () => {
    write("it is secret", "token");
    write(`services:
  web:
    image: "${REDIS}"
    volumes: ["data:/kept", "./made:/made"]
    configs: [{ source: page, target: /srv/page }, written]
    secrets: [token]
    ports: ["127.0.0.1::6379/udp"]
    ulimits: { nofile: 1234 }
    sysctls: { net.core.somaxconn: 512 }
    tmpfs: ["/scratch:mode=1777"]
    extra_hosts: [db=10.1.2.3]
volumes: { data: }
configs: { page: { file: ./token }, written: { content: "hello $$you" } }
secrets: { token: { file: ./token } }
`);
    expect((await wopr("up")).code).toBe(0);
    expect(await inside("web", "cat", "/run/secrets/token", "/srv/page", "/written")).toBe(
      "it is secretit is secrethello $you",
    );
    expect(await docker("port", await container("web"))).toMatch(/^6379\/udp -> 127\.0\.0\.1:\d+$/);
    expect(await inside("web", "sh", "-c", "ulimit -n; cat /proc/sys/net/core/somaxconn; ls -d /made")).toBe(
      "1234\n512\n/made",
    );
    expect((await wopr("down")).code).toBe(0);
    expect((await leftIn(scope)).volumes).toHaveLength(1);
    expect((await wopr("down", "--volumes")).code).toBe(0);
    expect(await leftIn(scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it("shares namespaces between services", async () => {
    write(`services:
  owner: { image: "${REDIS}" }
  guest: { image: "${REDIS}", network_mode: "service:owner", command: redis-server --port 6380 }
`);
    expect((await wopr("up")).code).toBe(0);
    expect(await inside("owner", "redis-cli", "-p", "6380", "ping")).toBe("PONG");
  });

  it("refuses what it cannot do before it touches anything", async () => {
    write(`services: { web: { image: "${REDIS}" } }\nnetworks: { out: { external: true } }\n`);
    expect(await wopr("up")).toMatchObject({
      code: 1,
      said: `${folder}/compose.yaml: networks.out.external is not supported by wopr compose\n`,
    });
    expect(await leftIn(scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it("takes back what it did when a container does not come up", async () => {
    write(`services: { web: { image: "${REDIS}", command: redis-server --no-such-option } }\n`);
    const { code, said } = await wopr("up");
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("shop/web ended with exit code") });
    expect(await leftIn(scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });
});
