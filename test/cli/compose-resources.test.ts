// @module-tag docker
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { MISBEHAVING } from "#test/agent/docker/container-spec.ts";
import { docker, leftIn } from "#test/agent/docker/engine.ts";
import { changesIn, type Workplace, workplace } from "./wopr.ts";

const nothing = { containers: [], networks: [], volumes: [] };
/** A service that is well, and needs no image of its own. */
const WELL = `image: "${MISBEHAVING}"`;

let mirror: StandInMirror;
let place: Workplace;
/** Names that nobody else uses, for what carries no label of ours. */
let own: string;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving"] });
}, 600_000);
afterAll(() => mirror?.stop());

beforeEach(() => {
  own = `own-${randomBytes(6).toString("hex")}`;
  place = workplace({ mirror: () => mirror.mirror, variables: { TOKEN: "swordfish-0815" } });
});
afterEach(async () => {
  await place.clear();
  await docker("network", "rm", own).catch(() => undefined);
  await docker("volume", "rm", "--force", own);
});

const up = async () => {
  const { code, said } = await place.wopr("up");
  expect(said).toContain("shop is up.");
  expect(code).toBe(0);
};
const refused = async () => {
  const { code, said } = await place.wopr("up");
  expect(code).toBe(1);
  return said;
};
const inspect = async (kind: "network" | "volume", name: string) => JSON.parse(await docker(kind, "inspect", name))[0];

describe("services that do their work and end", { timeout: 300_000 }, () => {
  const project = (code: number, more = "") => `services:
  migrate: { ${WELL}, command: ["exit", "${code}"]${more} }
  web: { ${WELL}, depends_on: { migrate: { condition: service_completed_successfully } } }
`;

  it("are waited for, are not run again, and are when they change", async () => {
    place.write(project(0));
    await up();
    const [first] = (await leftIn(place.scope)).containers;
    const startedAt = async () => JSON.parse(await docker("inspect", `${place.scope}_shop_migrate`))[0].State.StartedAt;
    const before = await startedAt();
    expect(first).toBeDefined();
    expect(await changesIn(place.wopr)).toEqual([]);
    await up();
    expect(await startedAt()).toBe(before);
    place.write(project(0, ", environment: { A: b }"));
    expect((await place.wopr("plan")).out).toContain("Wait until shop/migrate has done its work\n");
    await up();
    expect(await startedAt()).not.toBe(before);
    expect((await place.wopr("down")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual(nothing);
  });

  it("keep what depends on them from starting when they fail, and say why", async () => {
    place.write(project(3));
    const said = await refused();
    expect(said).toContain("shop/migrate was to do its work and failed with exit code 3\n");
    expect(said).toContain("  | the configuration names a database that does not exist\n");
    expect(said).not.toContain("Start shop/web");
    expect(await leftIn(place.scope)).toEqual(nothing);
  });

  it("may not be of the kind that is started again for ever", async () => {
    place.write(project(0, ", restart: always"));
    expect(await refused()).toContain("compose.yaml:2: services.migrate: is started again whenever it ends");
  });
});

describe("external networks and volumes", { timeout: 300_000 }, () => {
  it("have to be there, are used, and stay", async () => {
    place.write(`services:
  web: { ${WELL}, networks: [front], volumes: ["data:/data"] }
networks: { front: { external: true, name: ${own} } }
volumes: { data: { external: true, name: ${own} } }
`);
    const said = await refused();
    expect(said).toContain(`there is no Docker network ${own}, which is said to be external\n`);
    expect(said).toContain(`there is no Docker volume ${own}, which is said to be external\n`);
    expect(await leftIn(place.scope)).toEqual(nothing);

    await docker("network", "create", own);
    await docker("volume", "create", own);
    await up();
    expect(await leftIn(place.scope)).toMatchObject({ networks: [], volumes: [] });
    const { Containers } = await inspect("network", own);
    expect(Object.keys(Containers)).toEqual(await place.containers("web"));
    await place.inside("web", "touch", "/data/kept");
    expect((await place.wopr("down", "--volumes")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual(nothing);
    expect((await inspect("network", own)).Name).toBe(own);
    expect(await docker("run", "--rm", "--volume", `${own}:/data`, "--entrypoint", "ls", MISBEHAVING, "/data")).toBe(
      "kept",
    );
  });
});

describe("networks and volumes with names and settings of their own", { timeout: 300_000 }, () => {
  const project = (option = "1500") => `services:
  web: { ${WELL}, networks: { front: { ipv4_address: 10.213.7.9 } }, volumes: ["data:/data"] }
networks:
  front:
    name: ${own}
    driver: bridge
    attachable: true
    driver_opts: { com.docker.network.driver.mtu: "${option}" }
    labels: { purpose: front }
    ipam: { config: [{ subnet: 10.213.7.0/24, gateway: 10.213.7.1 }] }
volumes:
  data:
    name: ${own}
    driver: local
    driver_opts: { type: tmpfs, device: tmpfs, o: size=1m }
    labels: [purpose=data]
`;

  it("are made as they are asked for, and removed", async () => {
    place.write(project());
    await up();
    expect(await inspect("network", own)).toMatchObject({
      Attachable: true,
      Options: { "com.docker.network.driver.mtu": "1500" },
      Labels: { purpose: "front", "wopr.scope": place.scope },
      IPAM: { Config: [{ Subnet: "10.213.7.0/24", Gateway: "10.213.7.1" }] },
    });
    expect(await inspect("volume", own)).toMatchObject({ Options: { o: "size=1m" }, Labels: { purpose: "data" } });
    expect(await place.inside("web", "hostname", "-i")).toBe("10.213.7.9");
    expect(await changesIn(place.wopr)).toEqual([]);
    place.write(project("1400"));
    expect(await refused()).toContain(`network shop/front=${own} was made with other settings than these\n`);
    expect((await place.wopr("down")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual({ ...nothing, volumes: [own] });
    await up();
    expect((await inspect("network", own)).Options).toEqual({ "com.docker.network.driver.mtu": "1400" });
    expect((await place.wopr("down", "--volumes")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual(nothing);
  });

  it("are not taken from others", async () => {
    await docker("network", "create", own);
    await docker("volume", "create", own);
    place.write(project());
    const said = await refused();
    expect(said).toContain(`the Docker network ${own} exists already and is not of this project\n`);
    expect(said).toContain(`the Docker volume ${own} exists already and is not of this project\n`);
    expect(await leftIn(place.scope)).toEqual(nothing);
  });
});

describe("secrets from variables", { timeout: 300_000 }, () => {
  it("are laid into the container, and stand in no plan, record or label", async () => {
    place.write(`services:
  web: { ${WELL}, secrets: [token, { source: token, target: /run/own, uid: "33", gid: "34", mode: 0400 }] }
secrets: { token: { environment: TOKEN } }
`);
    const { out: plan } = await place.wopr("plan");
    await up();
    expect(await place.inside("web", "sh", "-c", "cat /run/secrets/token; stat -c ' %u %g %a' /run/own")).toBe(
      "swordfish-0815 33 34 400",
    );
    const [id = ""] = await place.containers("web");
    const records = await docker("inspect", id);
    expect(plan + records).not.toContain("swordfish");
    expect(await changesIn(place.wopr)).toEqual([]);
    expect((await place.wopr("down")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual(nothing);
  });
});

describe("pull_policy", { timeout: 300_000 }, () => {
  it("never: has to be here already", async () => {
    place.write(`services: { web: { image: "registry.invalid/wopr/${own}:1", pull_policy: never } }\n`);
    expect(await refused()).toContain(
      `image registry.invalid/wopr/${own}:1 is not on this machine, and is never to be pulled\n`,
    );
    expect(await leftIn(place.scope)).toEqual(nothing);
  });

  it("build and times are refused", async () => {
    place.write(`services:\n  web: { image: a, pull_policy: build }\n`);
    expect(await refused()).toContain("compose.yaml:2: services.web.pull_policy: ");
    place.write(`services:\n  web: { image: a, pull_policy: daily }\n`);
    expect(await refused()).toContain("compose.yaml:2: services.web.pull_policy: pull_policy is not supported");
  });

  it("always: looks for a newer image at each up, and starts what runs an older one anew", async () => {
    // A name that no other test uses, since its image becomes another one in between.
    const image = "registry.invalid/wopr/followed:1";
    const there = `${mirror.mirror}/${image}`;
    const publish = async (label: string) => {
      const id = await docker("create", "--label", `of=${own}`, MISBEHAVING);
      await docker("commit", "--change", `LABEL published=${label}`, id, there);
      await docker("rm", id);
      await docker("push", "--quiet", there);
      await docker("rmi", there);
    };
    const running = async () =>
      JSON.parse(await docker("inspect", ...(await place.containers("web"))))[0].Config.Labels;
    try {
      place.write(`services: { web: { image: "${MISBEHAVING}" } }\n`);
      await up();
      await publish("first");
      place.write(`services: { web: { image: "${image}", pull_policy: always } }\n`);
      await up();
      expect(await running()).toMatchObject({ published: "first" });
      expect(await changesIn(place.wopr)).toEqual([]);
      await publish("second");
      expect(await changesIn(place.wopr)).toEqual([]);
      await up();
      expect(await running()).toMatchObject({ published: "second" });
      expect(await place.containers("web")).toHaveLength(1);
    } finally {
      await place.clear();
      await docker("rmi", image).catch(() => undefined);
      // The first one lost its name to the second.
      await docker("image", "prune", "--force", "--filter", `label=of=${own}`);
    }
  });
});
