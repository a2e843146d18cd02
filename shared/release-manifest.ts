import { z } from "zod";
import { Problem } from "./problem.ts";

/** First line of a manifest. Another number is another form. */
const HEADER = "wopr-release 1";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256");
/** A file of a release lies beside its manifest. */
const FileName = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,99}$/, "expected a plain file name");

export const ReleaseFile = z.strictObject({
  kind: z.enum(["agent", "installer"]),
  /** What it runs on, as Node says it; `any` for a script. */
  architecture: z.enum(["x64", "arm64", "any"]),
  sha256: Sha256,
  sizeBytes: z.number().int().positive(),
  name: FileName,
});
export type ReleaseFile = z.output<typeof ReleaseFile>;

export const ReleaseManifest = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/, "expected a version"),
  files: z.array(ReleaseFile).min(1),
});
export type ReleaseManifest = z.output<typeof ReleaseManifest>;

/**
 * What a release consists of as the text that is signed: lines of words, so that a shell can read it as well. The first line also keeps
 * a signature over anything else from passing for one over a release.
 */
export function formatManifest({ version, files }: ReleaseManifest): string {
  const lines = files.map((file) => [file.kind, file.architecture, file.sha256, file.sizeBytes, file.name].join(" "));
  return [HEADER, `version ${version}`, ...lines, ""].join("\n");
}

/** @throws {Problem} `invalid_input` for what `formatManifest` does not write */
export function parseManifest(text: string): ReleaseManifest {
  const [header, versionLine = "", ...lines] = text.split("\n");
  const files = lines.slice(0, -1).map((line) => {
    const [kind, architecture, sha256, size = "", name] = line.split(" ");
    return { kind, architecture, sha256, sizeBytes: Number(size), name };
  });
  const parsed = ReleaseManifest.safeParse({ version: versionLine.replace(/^version /, ""), files });
  if (header === HEADER && parsed.success && formatManifest(parsed.data) === text) return parsed.data;
  throw new Problem("invalid_input", "the manifest of a release cannot be read", {
    hint: "Build the release again, with the version of WOPR that the hub has.",
  });
}
