// @module-tag docker
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PullProgress } from "#agent/docker/pull-progress.ts";
import { createDocker, type Docker } from "#agent/docker.ts";
import { Problem } from "#shared/problem.ts";
import { startTestRegistry, type TestRegistry } from "#test/simulators/registry.ts";
import { docker as cli, uniqueScope } from "./engine.ts";
import { problemOf } from "./with-docker.ts";

const MEGABYTE = 2 ** 20;

let registry: TestRegistry;
let name: string;
let docker: Docker;

beforeEach(async () => {
  registry = await startTestRegistry();
  name = uniqueScope();
  docker = connect(registry.address);
});

afterEach(async () => {
  await registry.stop();
  const images = (await cli("images", "--format", "{{.Repository}}:{{.Tag}}")).split("\n");
  const ours = images.filter((image) => image.includes(name));
  if (ours.length > 0) await cli("rmi", ...ours);
});

const connect = (registryMirror: string | undefined, pullSilenceMs = 20_000) =>
  createDocker({ socketPath: "/var/run/docker.sock", scope: name, registryMirror, pullSilenceMs });

function pull(reference: string, from = docker, signal = new AbortController().signal) {
  const news: PullProgress[] = [];
  return { news, done: from.images.pull(reference, { signal, report: (progress) => news.push(progress) }) };
}

/** A port on which nobody listens. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

describe("through the mirror", () => {
  test("an image gets its own name, and the mirror's is forgotten", async () => {
    registry.add(`docker.io/library/${name}`, "1", { sizeBytes: 4 * MEGABYTE });
    const { news, done } = pull(`${name}:1`);
    await done;
    expect(registry.asked).toEqual([`docker.io/library/${name}`]);
    const images = await docker.images.list();
    expect(images).toEqual(expect.arrayContaining([`${name}:1`, `docker.io/library/${name}:1`]));
    expect(images.filter((image) => image.includes(registry.address) && image.includes(`${name}:1`))).toEqual([]);
    expect(news.at(-1)?.percent).toBe(100);
    expect(news.map(({ percent }) => percent)).toEqual(news.map(({ percent }) => percent).toSorted((a, b) => a - b));
  });

  test("what is present is not asked for again", async () => {
    registry.add(`ghcr.io/${name}/app`, "1");
    await pull(`ghcr.io/${name}/app:1`).done;
    await registry.stop();
    await pull(`ghcr.io/${name}/app:1`).done;
  });

  test("two that pull the same image at once both have it", async () => {
    registry.add(`docker.io/library/${name}`, "1");
    await Promise.all([pull(`${name}:1`).done, pull(`${name}:1`).done]);
    expect(await docker.images.list()).toContain(`${name}:1`);
  });

  test("mirror and registry away is registry_unreachable, with what both said", async () => {
    const mirror = await closedPort();
    const problem = await problemOf(pull(`registry.invalid/${name}:1`, connect(mirror)).done);
    expect(problem).toMatchObject({ code: "registry_unreachable", retryable: true, details: { mirror } });
    expect(String(problem.details?.mirrorAnswer)).toContain(mirror);
    expect(String(problem.details?.answer)).toContain("registry.invalid");
  });

  test("what the mirror has not got is asked of the registry itself, which cannot be reached here", async () => {
    const problem = await problemOf(pull(`registry.invalid/${name}:1`).done);
    expect(registry.asked).toEqual([`registry.invalid/${name}`]);
    expect(problem.code).toBe("registry_unreachable");
    expect(String(problem.details?.mirrorAnswer)).toContain("has no image");
  });

  test("a private registry with a port is asked itself", async () => {
    const upstream = await startTestRegistry();
    try {
      upstream.add(name, "1");
      await pull(`${upstream.address}/${name}:1`).done;
      expect(registry.asked).toEqual([]);
      expect(await docker.images.list()).toContain(`${upstream.address}/${name}:1`);
    } finally {
      await upstream.stop();
    }
  });
});

describe("without a mirror", () => {
  beforeEach(() => {
    docker = connect(undefined);
  });

  test("an image that nobody has is image_missing", async () => {
    const problem = await problemOf(pull(`${registry.address}/${name}:1`).done);
    expect(problem).toMatchObject({ code: "image_missing", retryable: false });
    expect(problem.message).toContain(`${registry.address}/${name}:1`);
  });

  test("a registry that falls silent is timed_out, and one that is slow is not", async () => {
    registry.add(name, "1", { delivery: "stall", sizeBytes: 4 * MEGABYTE });
    const problem = await problemOf(pull(`${registry.address}/${name}:1`, connect(undefined, 700)).done);
    expect(problem).toMatchObject({ code: "timed_out" });
    expect(problem.message).toContain("sent nothing");
  });

  test("a pull ends with its signal, and may be done again", async () => {
    registry.add(name, "1", { delivery: "stall", sizeBytes: 4 * MEGABYTE });
    const controller = new AbortController();
    const { done } = pull(`${registry.address}/${name}:1`, docker, controller.signal);
    setTimeout(() => controller.abort(new Problem("cancelled", "enough")), 200);
    expect((await problemOf(done)).code).toBe("cancelled");
    registry.add(name, "1", { delivery: "whole", sizeBytes: 4 * MEGABYTE });
    await pull(`${registry.address}/${name}:1`).done;
    expect(await docker.images.list()).toContain(`${registry.address}/${name}:1`);
  });

  test("a reference that is none is refused as such", async () => {
    expect((await problemOf(pull("UPPER/case:1").done)).code).toBe("docker_refused");
  });
});
