import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openReleaseKey, type ReleaseKey } from "#scripts/release/release-key.ts";
import { formatManifest, type ReleaseFile } from "#shared/release-manifest.ts";

export interface ReleaseFolder {
  readonly directory: string;
  readonly key: ReleaseKey;
  /** What a hub's configuration has of it. */
  readonly settings: { readonly directory: string; readonly releaseKey: string };
}

/** A release as `npm run build` leaves it, but small. */
export function makeRelease(parent: string, version = "1.2.3"): ReleaseFolder {
  const directory = join(parent, "packages");
  const key = openReleaseKey(join(parent, "release-key.pem"));
  mkdirSync(directory, { recursive: true });
  const put = (kind: ReleaseFile["kind"], architecture: ReleaseFile["architecture"], name: string): ReleaseFile => {
    const content = `${name} of ${version}\n`;
    writeFileSync(join(directory, name), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { kind, architecture, sha256, sizeBytes: content.length, name };
  };
  const files = [put("installer", "any", "install.sh"), put("agent", "x64", `wopr-agent-${version}-x64.tar.gz`)];
  const manifest = formatManifest({ version, files });
  writeFileSync(join(directory, "manifest"), manifest);
  writeFileSync(join(directory, "manifest.sig"), key.sign(Buffer.from(manifest)));
  return { directory, key, settings: { directory, releaseKey: key.publicKey } };
}
