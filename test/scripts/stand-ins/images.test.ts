// @module-tag docker
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import Docker from "dockerode";
import { create } from "tar";
import { afterAll, describe, expect, it } from "vitest";
import { connectImages, recipeLabel } from "#scripts/stand-ins/images.ts";
import { dockerSocket } from "#scripts/system/docker-engine.ts";
import { prepareSystem } from "#scripts/system.ts";

const parts = await prepareSystem({ needs: ["docker"], log: console.log });

describe.skipIf(!parts.has("docker"))("images", () => {
  const docker = new Docker({ socketPath: dockerSocket, host: "" });
  const images = connectImages();
  const folder = mkdtempSync(join(tmpdir(), "wopr-images-"));
  writeFileSync(join(folder, "file"), "content");
  afterAll(() => rmSync(folder, { recursive: true }));

  /** An image of one file, under a name of its own. */
  const makeImage = async (recipe: string) => {
    const name = `wopr-test/${randomBytes(6).toString("hex")}:1`;
    await images.importTar(
      name,
      Readable.from(create({ cwd: folder, portable: true }, ["file"])),
      `${recipeLabel}=${recipe}`,
    );
    return name;
  };
  const namesOf = async () => (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  it("removes a stand-in by its recipe, and no other", async () => {
    const [old, current] = [await makeImage("test-old"), await makeImage("test-current")];
    await images.removeBuilt(recipeLabel, (recipe) => recipe === "test-old");
    const names = await namesOf();
    expect([names.includes(old), names.includes(current)]).toEqual([false, true]);
    await images.remove(current);
    expect(await namesOf()).not.toContain(current);
  });

  it("removes one that lost its name to another", async () => {
    const name = await makeImage("test-nameless");
    const { Id } = await docker.getImage(name).inspect();
    const other = await makeImage("test-named");
    await docker.getImage(other).tag({ repo: name.replace(/:1$/, ""), tag: "1" });
    await images.removeBuilt(recipeLabel, (recipe) => recipe.startsWith("test-name"));
    await expect(docker.getImage(Id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect(await namesOf()).not.toContain(name);
  });

  it("leaves what a container uses", async () => {
    const name = await makeImage("test-used");
    const container = await docker.createContainer({ Image: name, Cmd: ["/file"], Labels: { "wopr.test": name } });
    await images.removeBuilt(recipeLabel, (recipe) => recipe === "test-used");
    expect(await namesOf()).toContain(name);
    await container.remove();
    await images.remove(name);
  });

  it("does not mind removing what is not there", async () => {
    await expect(images.remove("wopr-test/nothing:1")).resolves.toBeUndefined();
  });

  it("gives the end of the output when a build fails", async () => {
    writeFileSync(join(folder, "Dockerfile"), "ARG BASE\nFROM $BASE\nCOPY absent /\n");
    const base = await makeImage("test-base");
    const build = images.build({ name: "wopr-test/never:1", folder, base, recipe: "test-failing" });
    await expect(build).rejects.toThrow(/building wopr-test\/never:1 failed: [\s\S]*COPY absent/);
    await images.remove(base);
  });

  it("says what could not be pushed", async () => {
    await expect(images.push("127.0.0.1:1/wopr-test/nothing:1")).rejects.toThrow(/does not exist/);
  });
});
