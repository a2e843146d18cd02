import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";

/** Where the packages of this system come from, most specific first: the base is made of the same. */
const sourceFiles = [
  "/etc/apt/sources.list.d/debian.sources",
  "/etc/apt/sources.list.d/ubuntu.sources",
  "/etc/apt/sources.list",
];

/** What upstream's small images have and Debian's smallest has not: health checks call these two. */
const packages = ["curl", "wget"];

/** The arguments of mmdebstrap for the base of the stand-in images. @param finish As of `systemArguments` */
export const baseArguments = (finish: string): string[] => systemArguments(packages, finish);

/**
 * The arguments of mmdebstrap for a file system of this machine's own release.
 * @param finish Full path of the script that mmdebstrap runs at the end.
 */
export function systemArguments(packages: readonly string[], finish: string): string[] {
  const codename = /^VERSION_CODENAME="?([^"\n]+)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const sources = sourceFiles.find((file) => existsSync(file));
  if (codename === undefined || sources === undefined) {
    throw new Error("images are made from this system's own packages, and this is neither Debian nor Ubuntu");
  }
  return [
    "--quiet",
    "--mode=root",
    "--variant=apt",
    "--format=tar",
    `--include=${packages.join(",")}`,
    `--customize-hook=${finish}`,
    codename,
    "-",
    sources,
  ];
}

export interface BaseSystem {
  /** The file system as a tar archive. */
  readonly archive: Readable;
  /** Settles when mmdebstrap has ended. @throws {Error} with what it wrote when it failed. */
  done(): Promise<void>;
}

/** Makes the file system of the base image. Takes root's rights and some fifteen seconds. */
export function makeBaseSystem(program: string, args: readonly string[]): BaseSystem {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += String(chunk);
  });
  const closed = once(child, "close");
  return {
    archive: child.stdout,
    async done() {
      const [code] = await closed;
      if (code !== 0)
        throw new Error(`${program} ended with ${code}:\n${errors.trimEnd().split("\n").slice(-15).join("\n")}`);
    },
  };
}
