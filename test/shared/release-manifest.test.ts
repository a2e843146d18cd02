import { describe, expect, test } from "vitest";
import { formatManifest, parseManifest, type ReleaseManifest } from "#shared/release-manifest.ts";

const manifest: ReleaseManifest = {
  version: "1.2.3",
  files: [
    { kind: "installer", architecture: "any", sha256: "a".repeat(64), sizeBytes: 17, name: "install.sh" },
    {
      kind: "agent",
      architecture: "x64",
      sha256: "b".repeat(64),
      sizeBytes: 48_000_000,
      name: "wopr-agent-1.2.3-x64.tar.gz",
    },
  ],
};
const text = `wopr-release 1
version 1.2.3
installer any ${"a".repeat(64)} 17 install.sh
agent x64 ${"b".repeat(64)} 48000000 wopr-agent-1.2.3-x64.tar.gz
`;

describe("the manifest of a release", () => {
  test("is lines of words", () => {
    expect(formatManifest(manifest)).toBe(text);
    expect(parseManifest(text)).toEqual(manifest);
  });

  test.each([
    ["another form", text.replace("wopr-release 1", "wopr-release 2")],
    ["no version", text.replace("version 1.2.3\n", "")],
    ["a version that is none", text.replace("1.2.3\n", "latest\n")],
    ["no file", "wopr-release 1\nversion 1.2.3\n"],
    ["an unknown kind", text.replace("agent x64", "hub x64")],
    ["an unknown architecture", text.replace("agent x64", "agent mips")],
    ["a short checksum", text.replace("b".repeat(64), "b".repeat(63))],
    ["a file elsewhere", text.replace("install.sh", "../install.sh")],
    ["a file that is hidden", text.replace("install.sh", ".install.sh")],
    ["a size that is none", text.replace(" 17 ", " many ")],
    ["a size that is written otherwise", text.replace(" 17 ", " 0x11 ")],
    ["two spaces", text.replace(" 17 ", "  17 ")],
    ["a word more", text.replace("install.sh", "install.sh more")],
    ["no end", text.trimEnd()],
    ["an empty line", text.replace("installer", "\ninstaller")],
    ["nothing", ""],
  ])("is refused with %s", (_what, wrong) => {
    expect(() => parseManifest(wrong)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });
});
