import { verify } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "#shared/problem.ts";
import { publicKeyOf } from "#shared/protocol/signing.ts";
import { parseManifest, type ReleaseFile, type ReleaseManifest } from "#shared/release-manifest.ts";

/** What new servers are told of the release that they install. */
export interface ReleaseFacts {
  readonly version: string;
  readonly installerSha256: string;
  /** Raw Ed25519 key in base64url. */
  readonly releaseKey: string;
}

/** The release of agent and installer that this hub offers, from a folder that an operator may replace at any time. */
export interface Releases {
  /** @throws {Problem} `unavailable` when the folder holds no release that is signed with the key and complete */
  facts(): Promise<ReleaseFacts>;
  /** Full path of a file that servers may fetch, by its name there; `undefined` for all others. */
  pathOf(name: string): Promise<string | undefined>;
}

const MANIFEST = "manifest";
const SIGNATURE = "manifest.sig";
/** Name under which the installer is asked for. */
export const INSTALLER = "install.sh";

export function createReleases({
  directory,
  releaseKey,
}: {
  readonly directory: string;
  readonly releaseKey: string;
}): Releases {
  const key = publicKeyOf(releaseKey);

  /** Read anew each time: it is some hundred bytes, and somebody may have replaced it. */
  const manifest = async (): Promise<ReleaseManifest> => {
    const [text, signature] = await Promise.all(
      [MANIFEST, SIGNATURE].map((name) => readFile(join(directory, name))),
    ).catch((cause: unknown) => {
      throw noRelease(directory, "has no manifest with a signature", cause);
    });
    if (text === undefined || signature === undefined || !verify(null, text, key, signature)) {
      throw noRelease(directory, "has a manifest that is not signed with the key of the releases");
    }
    return parseManifest(text.toString("utf8"));
  };

  const assertThere = async ({ name, sizeBytes }: ReleaseFile) => {
    const size = await stat(join(directory, name)).then(
      (found) => found.size,
      () => undefined,
    );
    if (size !== sizeBytes) throw noRelease(directory, `lacks ${name}, or has another one than its manifest says`);
  };

  const read = async (): Promise<ReleaseFacts> => {
    const { version, files } = await manifest();
    await Promise.all(files.map(assertThere));
    const installer = files.find(({ kind }) => kind === "installer");
    if (installer === undefined) throw noRelease(directory, "has no installer");
    return { version, installerSha256: installer.sha256, releaseKey };
  };
  let reading: Promise<ReleaseFacts> | undefined;

  return {
    // Who asks while it is read has the same answer: for fifty servers at once it is read once.
    facts: () => {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    pathOf: async (name) => {
      if (name === MANIFEST || name === SIGNATURE) return join(directory, name);
      const file = (await manifest()).files.find((one) => one.name === name);
      return file === undefined ? undefined : join(directory, file.name);
    },
  };
}

const noRelease = (directory: string, why: string, cause?: unknown) =>
  new Problem("unavailable", `new servers cannot be set up: the folder of releases ${directory} ${why}`, {
    hint: "Put a release there as a whole: npm run build makes one in dist/packages.",
    cause,
  });
