import { describe, expect, test } from "vitest";
import { canonicalReference, imageNames, parseImageReference, spellings } from "#agent/docker/image-reference.ts";

const DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

describe("parseImageReference", () => {
  test.each([
    ["redis", "docker.io/library/redis:latest"],
    ["redis:7", "docker.io/library/redis:7"],
    ["vaultwarden/server:1.37.2", "docker.io/vaultwarden/server:1.37.2"],
    ["docker.io/redis:7", "docker.io/library/redis:7"],
    ["index.docker.io/library/redis", "docker.io/library/redis:latest"],
    ["ghcr.io/umami-software/umami:3.1.0", "ghcr.io/umami-software/umami:3.1.0"],
    ["localhost/thing", "localhost/thing:latest"],
    ["127.0.0.1:5000/docker.io/library/redis:7", "127.0.0.1:5000/docker.io/library/redis:7"],
    [`redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`],
    [`redis:7@${DIGEST}`, `docker.io/library/redis:7@${DIGEST}`],
    ["registry:5000/a/b/c", "registry:5000/a/b/c:latest"],
  ])("%s is %s", (text, canonical) => {
    expect(canonicalReference(parseImageReference(text))).toBe(canonical);
  });

  test("a port is no tag", () => {
    expect(parseImageReference("localhost:5000/redis")).toEqual({
      registry: "localhost:5000",
      repository: "redis",
      tag: "latest",
    });
  });
});

describe("spellings", () => {
  test("an official image can be written in many ways", () => {
    const ways = ["redis:7", "library/redis:7", "docker.io/redis:7", "docker.io/library/redis:7"];
    for (const way of ways) expect(spellings(way)).toEqual(expect.arrayContaining(ways));
  });

  test("latest may be left out, and another tag not", () => {
    expect(spellings("redis")).toContain("docker.io/library/redis");
    expect(spellings("redis:7")).not.toContain("docker.io/library/redis");
  });

  test("an image of another registry has one name", () => {
    expect(spellings("ghcr.io/a/b:1")).toEqual(["ghcr.io/a/b:1"]);
  });
});

test("imageNames puts a tag and a digest together only within one repository", () => {
  const names = imageNames(["redis:7", "other:1"], [`redis@${DIGEST}`]);
  expect(names).toContain(`docker.io/library/redis:7@${DIGEST}`);
  expect(names).toContain(`redis@${DIGEST}`);
  expect(names).not.toContain(`other:1@${DIGEST}`);
});
