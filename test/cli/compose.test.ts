// @module-tag docker
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { docker, leftIn } from "#test/agent/docker/engine.ts";
import { changesIn, type Workplace, workplace } from "./wopr.ts";

const REDIS = "docker.io/library/redis:7.2.16-alpine";

let mirror: StandInMirror;
let place: Workplace;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["redis"] });
}, 600_000);
afterAll(() => mirror?.stop());

beforeEach(() => {
  place = workplace({ mirror: () => mirror.mirror });
});
afterEach(() => place.clear());

const wopr = (command: string, ...argv: string[]) => place.wopr(command, ...argv);
const write = (text: string, file?: string) => place.write(text, file);
const inside = (service: string, ...argv: string[]) => place.inside(service, ...argv);

describe("wopr compose config", () => {
  it("prints the normal form as JSON, and what has no effect beside it", async () => {
    write("IMAGE=a:1\n", ".env");
    write("services: { web: { image: '$IMAGE', ports: ['80'], develop: {} } }\n");
    const { code, out, said } = await wopr("config");
    expect({ code, said }).toEqual({
      code: 0,
      said: `${place.folder}/compose.yaml:1: services.web.develop: is about the work on an image, and has no effect here\n`,
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
      said: `${place.folder}/compose.yaml:2: services.web.imgae: imgae is not known in a service (did you mean image?)\n`,
    });
  });

  it("refuses an option that it does not know", async () => {
    write("services: { web: { image: a } }\n");
    expect(await wopr("config", "--colour")).toMatchObject({ code: 1, said: expect.stringContaining("--colour") });
  });
});

/** The cases of https://github.com/compose-spec/compose-spec/tree/main (conformance tests), on the real engine. */
describe("wopr compose up and down", { timeout: 300_000 }, () => {
  it("goes through the life of a project: plan, up, nothing to do, change, down", async () => {
    write(`services: { web: { image: "${REDIS}" } }\n`);
    const planned = await wopr("plan");
    expect(planned.out).toContain("Create container shop/web\n");
    expect(await leftIn(place.scope)).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await wopr("up")).toMatchObject({ code: 0, said: expect.stringContaining("shop is up.") });
    expect(await changesIn(wopr)).toEqual([]);
    write(`services: { web: { image: "${REDIS}", environment: [A=1], labels: [b=2] } }\n`);
    expect((await wopr("up")).code).toBe(0);
    expect(await inside("web", "printenv", "A")).toBe("1");
    expect((await wopr("down")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual({ containers: [], networks: [], volumes: [] });
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
    expect(await docker("port", (await place.containers("web"))[0] ?? "")).toMatch(/^6379\/udp -> 127\.0\.0\.1:\d+$/);
    expect(await inside("web", "sh", "-c", "ulimit -n; cat /proc/sys/net/core/somaxconn; ls -d /made")).toBe(
      "1234\n512\n/made",
    );
    expect((await wopr("down")).code).toBe(0);
    expect((await leftIn(place.scope)).volumes).toHaveLength(1);
    expect((await wopr("down", "--volumes")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it("shares namespaces between services", async () => {
    write(`services:
  owner: { image: "${REDIS}" }
  guest: { image: "${REDIS}", network_mode: "service:owner", command: redis-server --port 6380 }
`);
    expect((await wopr("up")).code).toBe(0);
    expect(await inside("owner", "redis-cli", "-p", "6380", "ping")).toBe("PONG");
    write(`services:
  owner: { image: "${REDIS}", environment: { A: b } }
  guest: { image: "${REDIS}", network_mode: "service:owner", command: redis-server --port 6380 }
`);
    expect(await wopr("up")).toMatchObject({ code: 0 });
    expect(await inside("owner", "redis-cli", "-p", "6380", "ping")).toBe("PONG");
    expect(await changesIn(wopr)).toEqual([]);
  });

  it("refuses what it cannot do before it touches anything", async () => {
    write(`services: { web: { image: "${REDIS}" } }\nnetworks:\n  out: { enable_ipv4: false }\n`);
    expect(await wopr("up")).toMatchObject({
      code: 1,
      said: expect.stringContaining(
        `${place.folder}/compose.yaml:3: networks.out.enable_ipv4: enable_ipv4 is not supported`,
      ),
    });
    expect(await leftIn(place.scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it("takes back what it did when a container does not come up", async () => {
    write(`services: { web: { image: "${REDIS}", command: redis-server --no-such-option } }\n`);
    const { code, said } = await wopr("up");
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("shop/web ended with exit code") });
    expect(await leftIn(place.scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });
});
