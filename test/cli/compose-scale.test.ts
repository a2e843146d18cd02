// @module-tag docker
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { MISBEHAVING } from "#test/agent/docker/container-spec.ts";
import { docker, leftIn } from "#test/agent/docker/engine.ts";
import { type Workplace, workplace } from "./wopr.ts";

let mirror: StandInMirror;
let place: Workplace;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving"] });
}, 600_000);
afterAll(() => mirror?.stop());

beforeEach(() => {
  place = workplace({ mirror: () => mirror.mirror });
});
afterEach(() => place.clear());

const up = async (text: string) => {
  place.write(text);
  const { code, said } = await place.wopr("up");
  expect(said).toContain("shop is up.");
  expect(code).toBe(0);
  return said;
};

const replicas = async () =>
  (await docker("ps", "--filter", `label=wopr.scope=${place.scope}`, "--format", '{{.Label "wopr.replica"}} {{.ID}}'))
    .split("\n")
    .sort();

/** Scaling, of https://github.com/compose-spec/compose-spec/blob/main/05-services.md and deploy.md. */
describe("scaling", { timeout: 300_000 }, () => {
  const project = (count: number, more = "") => `services:
  web: { image: "${MISBEHAVING}", deploy: { replicas: ${count} }${more} }
`;

  it("runs several containers behind one name, starts changes first, and removes the highest", async () => {
    await up(project(3));
    const three = await replicas();
    expect(three.map((line) => line.split(" ")[0])).toEqual(["1", "2", "3"]);
    expect((await place.inside("web", "getent", "ahostsv4", "web")).split("\n").length).toBe(3 * 3);
    expect((await place.wopr("ps")).out).toMatch(/shop\/web {5}.*\nshop\/web#2 .*\nshop\/web#3 {3}(healthy|starting) /);

    const said = await up(project(3, ", environment: { A: b }"));
    const order = [
      "Create container shop/web#3",
      "Wait until shop/web#3 is healthy",
      "Let the former shop/web#3 finish",
    ];
    const places = order.map((title) => said.indexOf(title));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(-1);

    const changed = await replicas();
    expect(changed.filter((line) => three.includes(line))).toEqual([]);
    await up(project(1, ", environment: { A: b }"));
    expect(await replicas()).toEqual(changed.slice(0, 1));
    expect((await place.wopr("down")).code).toBe(0);
    expect(await leftIn(place.scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  it("is refused where all would need the same port of the host, or more than are free", async () => {
    const port = await freePorts();
    place.write(project(3, `, ports: ["127.0.0.1:${port}:8080"]`));
    expect(await place.wopr("up")).toMatchObject({
      code: 1,
      said: expect.stringContaining(
        `port 127.0.0.1:${port}/tcp is asked for by shop/web and shop/web#2 and shop/web#3\n`,
      ),
    });
    place.write(project(3, `, ports: ["127.0.0.1:${port}-${port + 1}:8080"]`));
    expect(await place.wopr("up")).toMatchObject({
      code: 1,
      said: expect.stringContaining(`shop/web needs 3 of the ports ${port}-${port + 1}/tcp, and 2 are free\n`),
    });
    expect(await leftIn(place.scope)).toEqual({ containers: [], networks: [], volumes: [] });

    await up(project(3, `, ports: ["127.0.0.1:${port}-${port + 2}:8080"]`));
    const ids = await place.containers("web");
    const published = await Promise.all(ids.map((id) => docker("port", id)));
    expect(published.sort()).toEqual([0, 1, 2].map((more) => `8080/tcp -> 127.0.0.1:${port + more}`));
    await up(project(3, `, ports: ["127.0.0.1:${port}-${port + 2}:8080"], environment: { A: b }`));
    expect(await place.containers("web")).toHaveLength(3);
  });
});

/** The first of three ports beside each other that nobody listens on. */
async function freePorts(): Promise<number> {
  const isFree = (port: number) =>
    new Promise<boolean>((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
  for (let port = 21_000 + (process.pid % 9000); ; port += 3) {
    const free = await Promise.all([port, port + 1, port + 2].map(isFree));
    if (free.every(Boolean)) return port;
  }
}
