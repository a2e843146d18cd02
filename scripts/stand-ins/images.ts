import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import Docker from "dockerode";
import { create } from "tar";
import { z } from "zod";
import { dockerSocket } from "../system/docker-engine.ts";

/** Label of an image that carries the hash of its recipe. */
export const recipeLabel = "wopr.recipe";
/** The same of the image that VPSs start from, which stays in the engine when the stand-ins go. */
export const vpsRecipeLabel = "wopr.vps-recipe";

/** What is done to images, over the Docker Engine API. A name is `registry/repository:tag`. */
export interface Images {
  /** Makes an image of a file system's tar archive. @param label `KEY=VALUE` */
  importTar(name: string, archive: Readable, label: string): Promise<void>;
  /** Builds a folder with a Dockerfile; `base` is its build argument BASE. */
  build(image: { name: string; folder: string; base: string; recipe: string }): Promise<void>;
  push(name: string): Promise<void>;
  pull(name: string): Promise<void>;
  /** Removes a name, and with the last name of an image its layers. One that is not there is no error. */
  remove(name: string): Promise<void>;
  /** Whether the engine has an image of this name. */
  has(name: string): Promise<boolean>;
  /** Removes images under whatever names they have, by the recipes in this label. What a container uses stays. */
  removeBuilt(label: string, isUnwanted: (recipe: string) => boolean): Promise<void>;
}

/** What engines before 25 list as the name of an image that has lost its last one to another. */
const NO_NAME = "<none>:<none>";

const ProgressLine = z.object({ error: z.string().optional(), stream: z.string().optional() });

/**
 * Reads a progress stream of the Engine to its end.
 * @throws {Error} with the last lines, since the Engine reports failures inside a response that began with 200.
 */
async function finish(progress: NodeJS.ReadableStream, what: string): Promise<void> {
  const output: string[] = [];
  for await (const line of createInterface({ input: progress })) {
    if (line === "") continue;
    const { error, stream = "" } = ProgressLine.parse(JSON.parse(line));
    output.push(stream);
    if (error !== undefined) {
      const tail = output.join("").trimEnd().split("\n").slice(-15).join("\n");
      throw new Error(`${what} failed: ${error}\n${tail}`);
    }
  }
}

const unless =
  (...statuses: number[]) =>
  (error: unknown): undefined => {
    if (error instanceof Error && "statusCode" in error && statuses.includes(Number(error.statusCode)))
      return undefined;
    throw error;
  };

export function connectImages(): Images {
  // An empty host keeps the client from preferring DOCKER_HOST to the socket.
  const docker = new Docker({ socketPath: dockerSocket, host: "" });
  return {
    async importTar(name, archive, label) {
      const changes = `LABEL ${label}`;
      await finish(await docker.importImage(archive, { ...splitName(name), changes }), `importing ${name}`);
    },

    async build({ name, folder, base, recipe }) {
      // `portable` leaves out what differs between machines: owners and times.
      const context = Readable.from(create({ cwd: folder, portable: true }, readdirSync(folder)));
      const progress = await docker.buildImage(context, {
        t: name,
        buildargs: { BASE: base },
        labels: { [recipeLabel]: recipe },
        forcerm: true,
        // apt inside the build reaches what this machine reaches, whatever a firewall does to forwarded packets.
        networkmode: "host",
        version: "1",
      });
      await finish(progress, `building ${name}`);
    },

    async push(name) {
      // The Engine refuses a push that has no credentials at all, also where nobody asks for them.
      await finish(
        await docker.getImage(name).push({ authconfig: { username: "", password: "", serveraddress: "" } }),
        `pushing ${name}`,
      );
    },

    async pull(name) {
      await finish(await docker.pull(name), `pulling ${name}`);
    },

    async remove(name) {
      await docker.getImage(name).remove().catch(unless(404));
    },

    async has(name) {
      return (await docker.getImage(name).inspect().catch(unless(404))) !== undefined;
    },

    async removeBuilt(label, isUnwanted) {
      for (const image of await docker.listImages({ filters: { label: [label] } })) {
        if (!isUnwanted(image.Labels[label] ?? "")) continue;
        const names = (image.RepoTags ?? []).filter((name) => name !== NO_NAME);
        // 409: a container uses it.
        for (const name of names.length === 0 ? [image.Id] : names)
          await docker.getImage(name).remove().catch(unless(404, 409));
      }
    },
  };
}

/** The Engine wants the tag apart when it imports. */
function splitName(name: string): { repo: string; tag: string } {
  const colon = name.lastIndexOf(":");
  return { repo: name.slice(0, colon), tag: name.slice(colon + 1) };
}
