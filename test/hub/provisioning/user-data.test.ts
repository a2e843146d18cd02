import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type Birth, renderUserData, USER_DATA_LIMIT_BYTES } from "#hub/provisioning/user-data.ts";

const birth: Birth = {
  hub: "https://hub.example.org",
  enrolmentToken: "Zm9ydHktdHdvLWZvcnR5LXR3by1mb3J0eS10d28tZm8",
  installerSha256: "0".repeat(64),
  releaseKey: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};
const CloudConfig = z.strictObject({
  write_files: z.array(z.strictObject({ path: z.string(), permissions: z.string(), content: z.string() })),
  runcmd: z.array(z.array(z.string())),
});
/** As cloud-init reads it: YAML 1.1. */
const readCloudConfig = (text: string) => CloudConfig.parse(parse(text, { version: "1.1" }));
const bootstrapOf = (given: Birth) => readCloudConfig(renderUserData(given).cloudConfig).write_files[0]?.content ?? "";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-user-data-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a cloud-config writes the bootstrap so that root alone can read it, with a unit, and starts it without waiting", () => {
  const { cloudConfig } = renderUserData(birth);
  expect(cloudConfig.startsWith("#cloud-config\n")).toBe(true);
  const { write_files, runcmd } = readCloudConfig(cloudConfig);
  expect(write_files.map(({ path, permissions }) => [path, permissions])).toEqual([
    ["/var/lib/wopr-bootstrap/bootstrap.sh", "0700"],
    ["/etc/systemd/system/wopr-bootstrap.service", "0644"],
  ]);
  expect(runcmd).toEqual([["systemctl", "enable", "--now", "--no-block", "wopr-bootstrap.service"]]);
});

test("the script of those who have no cloud-init writes the same files", () => {
  const { cloudConfig, script } = renderUserData({ ...birth, ownerKey: "ssh-ed25519 AAAA o'hara@home" });
  const here = script.replaceAll("/var/lib/wopr-bootstrap", folder).replaceAll("/etc/systemd/system", folder);
  execFileSync("bash", ["-c", `systemctl() { echo "$@" >"${folder}/started"; }\n${here}`]);
  const files = readCloudConfig(cloudConfig).write_files;
  for (const { path, content } of files) {
    const written = readFileSync(join(folder, path.slice(path.lastIndexOf("/") + 1)), "utf8");
    expect(written).toBe(
      content.replaceAll("/var/lib/wopr-bootstrap", folder).replaceAll("/etc/systemd/system", folder),
    );
  }
  expect(readFileSync(join(folder, "started"), "utf8")).toBe("enable --now --no-block wopr-bootstrap.service\n");
});

describe("a value", () => {
  /** What the bootstrap hands to the installer, as the shell sees it. */
  const argumentsOf = (given: Birth) => {
    const bootstrap = join(folder, "bootstrap.sh");
    writeFileSync(bootstrap, bootstrapOf(given).replaceAll("/var/lib/wopr-bootstrap", folder));
    const stubs = `
      command() { return 1; }
      wget() { : >"\${3#--output-document=}"; }
      sha256sum() { return 0; }
      sh() { shift; printf '%s\\0' "$@"; }
      systemctl() { :; }
      rm() { :; }`;
    const said = execFileSync("sh", ["-c", `${stubs}\n. "${bootstrap}"`], { encoding: "utf8" });
    return said.slice(said.indexOf("--hub")).split("\0").slice(0, -1);
  };
  const awkward = [
    "o'hara",
    "'; touch /tmp/x; '",
    '$(reboot) `reboot` $HOME \\ " # & | < > * ? ~ !',
    "- a: {b: [c]} # %TAG &x *y",
    "  leading and trailing  ",
    "END_OF_FILE",
    "ключ 鍵 🔑",
  ];

  test.each(awkward)("reaches the installer as it is: %s", (value) => {
    const given = { ...birth, hub: value, releaseKey: value, ownerKey: value, registryMirror: value };
    expect(argumentsOf(given)).toEqual(
      ["--hub", value, "--release-key", value, "--token-file", join(folder, "token")].concat(
        ["--owner-key", value],
        ["--registry-mirror", value],
      ),
    );
  });

  test("that is the token goes into a file of root's, not into an argument", () => {
    const given = { ...birth, enrolmentToken: "t'o$ken" };
    expect(argumentsOf(given).join(" ")).not.toContain("o$ken");
    expect(readFileSync(join(folder, "token"), "utf8")).toBe("t'o$ken");
  });

  test.each([
    ["a line break", "a\nb"],
    ["a line break of YAML 1.1", "a\u0085b"],
    ["a line separator", "a\u2028b"],
    ["an escape sequence", "a\u001b[2Jb"],
    ["a zero byte", "a\0b"],
    ["a byte order mark", "\ufeffa"],
    ["half a character", "a\ud83d"],
  ])("that cannot be written exactly is refused and not repeated: %s", (_what, value) => {
    const render = () => renderUserData({ ...birth, ownerKey: `secret ${value}` });
    expect(render).toThrow(expect.objectContaining({ code: "invalid_input" }));
    expect(render).not.toThrow(/secret/);
  });
});

describe("the size", () => {
  test("is far below what providers take, also in base64", () => {
    const { cloudConfig, script } = renderUserData({
      ...birth,
      ownerKey: `ssh-rsa ${"A".repeat(716)} owner@example.org`,
      registryMirror: "mirror.example.org:5000",
      certificates: "internal",
    });
    for (const text of [cloudConfig, script]) {
      expect(Buffer.from(text).toString("base64").length).toBeLessThan(USER_DATA_LIMIT_BYTES / 2);
    }
  });

  test("that nobody would take is refused", () => {
    expect(() => renderUserData({ ...birth, ownerKey: "A".repeat(12_000) })).toThrow(
      expect.objectContaining({ code: "too_large" }),
    );
  });
});

test("all of it is clean by shellcheck", () => {
  const { script } = renderUserData({ ...birth, ownerKey: "key", registryMirror: "mirror:5000", certificates: "acme" });
  for (const [name, text] of [
    ["script.sh", script],
    ["bootstrap.sh", bootstrapOf(birth)],
  ] as const) {
    writeFileSync(join(folder, name), text);
    execFileSync("shellcheck", [join(folder, name)], { encoding: "utf8" });
  }
});
