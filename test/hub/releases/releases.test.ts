import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFirstStart } from "#hub/provisioning/first-start.ts";
import { createReleases } from "#hub/releases/releases.ts";
import { openReleaseKey } from "#scripts/release/release-key.ts";
import { startTestHub } from "#test/hub/test-hub.ts";
import { makeRelease, type ReleaseFolder } from "./release-folder.ts";

let folder: string;
let release: ReleaseFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-releases-"));
  release = makeRelease(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const installerSha256 = () =>
  createHash("sha256")
    .update(readFileSync(join(release.directory, "install.sh")))
    .digest("hex");

describe("a folder of releases", () => {
  test("tells what new servers are told, as it is at that moment", async () => {
    const releases = createReleases(release.settings);
    const facts = { version: "1.2.3", installerSha256: installerSha256(), releaseKey: release.key.publicKey };
    expect(await releases.facts()).toEqual(facts);
    makeRelease(folder, "1.3.0");
    expect(await releases.facts()).toEqual({ ...facts, version: "1.3.0", installerSha256: installerSha256() });
  });

  test("is read once for all who ask meanwhile, also where it cannot be read", async () => {
    const releases = createReleases(release.settings);
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => releases.facts()));
    for (const other of others) expect(other).toBe(first);
    rmSync(join(release.directory, "manifest.sig"));
    const ends = await Promise.allSettled([releases.facts(), releases.facts()]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    makeRelease(folder, "1.3.0");
    expect(await releases.facts()).toMatchObject({ version: "1.3.0" });
  });

  test.each([
    ["nothing in it", () => rmSync(release.directory, { recursive: true })],
    ["no signature", () => rmSync(join(release.directory, "manifest.sig"))],
    ["a manifest that was changed", () => spoil("manifest", (text) => text.replace("1.2.3", "1.2.4"))],
    ["an installer of another length", () => spoil("install.sh", (text) => `${text}#`)],
    ["an archive that is missing", () => rmSync(join(release.directory, "wopr-agent-1.2.3-x64.tar.gz"))],
    ["the signature of another key", () => writeFileSync(join(release.directory, "manifest.sig"), otherSignature())],
  ])("with %s sets up no server, and says so", async (_what, change) => {
    change();
    await expect(createReleases(release.settings).facts()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(release.directory),
      hint: expect.stringContaining("npm run build"),
    });
  });

  const spoil = (name: string, change: (text: string) => string) => {
    const file = join(release.directory, name);
    writeFileSync(file, change(readFileSync(file, "utf8")));
  };
  const otherSignature = () =>
    openReleaseKey(join(folder, "other.pem")).sign(readFileSync(join(release.directory, "manifest")));

  test("gives out what is in its manifest, and no other file", async () => {
    const releases = createReleases(release.settings);
    writeFileSync(join(release.directory, "secret"), "x");
    for (const name of ["manifest", "manifest.sig", "install.sh", "wopr-agent-1.2.3-x64.tar.gz"]) {
      expect(await releases.pathOf(name)).toBe(join(release.directory, name));
    }
    for (const name of ["secret", "../release-key.pem", "", ".", "/etc/passwd"]) {
      expect(await releases.pathOf(name)).toBeUndefined();
    }
  });
});

test("the key of releases is made once, for its owner alone", () => {
  const file = join(folder, "keys/key.pem");
  const { publicKey } = openReleaseKey(file);
  expect(openReleaseKey(file).publicKey).toBe(publicKey);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

describe("a hub", () => {
  test("gives the installer and the release to anybody, as they are on its disk now", async () => {
    const hub = await startTestHub({ releases: release.settings });
    try {
      const ask = async (path: string) => {
        const response = await fetch(hub.url + path);
        return { status: response.status, text: await response.text(), cache: response.headers.get("cache-control") };
      };
      const installer = { status: 200, text: "install.sh of 1.2.3\n", cache: "no-cache" };
      expect(await ask("/install.sh")).toEqual(installer);
      expect(await ask("/releases/install.sh")).toEqual(installer);
      expect((await ask("/releases/manifest")).text).toContain("version 1.2.3");
      expect((await ask("/releases/wopr-agent-1.2.3-x64.tar.gz")).text).toBe("wopr-agent-1.2.3-x64.tar.gz of 1.2.3\n");
      makeRelease(folder, "1.3.0");
      expect((await ask("/install.sh")).text).toBe("install.sh of 1.3.0\n");
      for (const path of [
        "/releases/secret",
        "/releases/..%2frelease-key.pem",
        "/releases/wopr-agent-1.2.3-x64.tar.gz",
      ]) {
        expect(await ask(path)).toMatchObject({ status: 404, text: expect.stringContaining("not_found") });
      }
    } finally {
      await hub.stop();
    }
  });

  test("without a release says so", async () => {
    const hub = await startTestHub();
    try {
      const response = await fetch(`${hub.url}/install.sh`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "not_found", hint: expect.stringContaining("operator") });
    } finally {
      await hub.stop();
    }
  });
});

describe("what a new server starts with", () => {
  const bootstrap = { hub: "https://hub.example.org", enrolmentToken: "the-token" };
  const releases = () => createReleases(release.settings);
  const container = { local: { mode: "container" } };

  test("names the hub, the token, and the installer and key of this moment's release", async () => {
    const first = createFirstStart({ providers: container, newBeacons: { registryMirror: "mirror:5000" } }, releases());
    const { cloudConfig, script } = await first(bootstrap, { name: "local" });
    for (const text of [cloudConfig, script]) {
      for (const value of [
        bootstrap.hub,
        bootstrap.enrolmentToken,
        installerSha256(),
        release.key.publicKey,
        "mirror:5000",
      ]) {
        expect(text).toContain(`'${value}'`);
      }
    }
  });

  test("is not made without a release, but for those that are processes of this machine", async () => {
    const none = createFirstStart({ providers: container, newBeacons: {} }, undefined);
    await expect(none(bootstrap, { name: "local" })).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("releases"),
    });
    const process = createFirstStart({ providers: { local: { root: "/x" } }, newBeacons: {} }, undefined);
    expect((await process(bootstrap, { name: "local" })).cloudConfig).toMatch(/^#cloud-config\n/);
    await expect(process(bootstrap, { name: "hetzner" })).rejects.toMatchObject({ code: "unavailable" });
  });
});
