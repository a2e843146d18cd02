import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { rawPublicKey } from "#shared/protocol/signing.ts";
import { formatManifest, type ReleaseFile } from "#shared/release-manifest.ts";
import { root, withFunctions } from "./functions.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wopr-install-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the script says and how it ends, with its folders in one of the test. */
const run = (script: string, environment: Readonly<Record<string, string>> = {}) =>
  withFunctions(
    `PROGRAMS=${folder}/opt SETTINGS=${folder}/etc SCRATCH=${folder}/run LOG=${folder}/log LOCK=${folder}/lock\n${script}`,
    environment,
  );

test("every script that runs on a server is clean by shellcheck", () => {
  const scripts = ["install.sh", "install/uninstall.sh", "install/published-ports.sh"].concat(
    ["install/system/usr/local/bin/wopr", "install/system/etc/update-motd.d/60-wopr"],
    ["scripts/vps/image/finish.sh", "scripts/vps/image/vps-init"],
  );
  execFileSync("shellcheck", scripts, { cwd: root, encoding: "utf8" });
});

describe("the system", () => {
  const systems = join(import.meta.dirname, "os-release");
  const systemOf = (name: string) => run('read_system; echo "$system"', { WOPR_OS_RELEASE: join(systems, name) });
  const suited = ["debian-12", "debian-13", "ubuntu-22.04", "ubuntu-24.04"];

  test.each(readdirSync(systems))("is told apart by its os-release: %s", async (name) => {
    const [id, version = ""] = name.split("-");
    expect(await systemOf(name)).toEqual({ status: 0, output: `${id} ${version === "sid" ? "" : version}\n` });
    const { output } = await run("check_system", { WOPR_OS_RELEASE: join(systems, name) });
    expect(output.includes("Use a server with Debian 12 or 13")).toBe(!suited.includes(name));
  });

  test("that says nothing of itself is refused, with what would do", async () => {
    const { status, output } = await run("check_system", { WOPR_OS_RELEASE: join(folder, "none") });
    expect(status).toBe(2);
    expect(output).toContain("this is an unknown system. Use a server with Debian 12 or 13, or Ubuntu 22.04 or 24.04.");
  });

  test.each([
    ["memory", "MIN_MEMORY_MB=99999999", "MB of memory. A beacon needs 99999999 at least"],
    ["room on its disk", "MIN_FREE_MB=99999999", "MB free under /var/lib. A beacon begins with 99999999"],
    [
      "a processor that there is an agent for",
      "uname() { echo riscv64; }",
      "no agent for processors of the kind riscv64",
    ],
  ])("has to have %s", async (_what, change, said) => {
    const { status, output } = await run(`${change}\ncheck_system`, { WOPR_OS_RELEASE: join(systems, "debian-12") });
    expect({ status, output }).toEqual({ status: 2, output: expect.stringContaining(said) });
  });

  test("lets root alone do this", async () => {
    const { status, output } = await run("id() { echo 1000; }; main --hub https://hub.example.org");
    expect({ status, output }).toMatchObject({ status: 2, output: expect.stringContaining("Run it as root") });
  });
});

describe("what it is told", () => {
  const good = `hub=https://hub.example.org release_key=${"k".repeat(43)} mirror='' certificates='' owner_key=''`;

  test.each([
    "hub=https://hub.example.org:8443",
    "hub=http://192.168.0.1:7300",
    "hub='https://[2001:db8::1]:7300'",
    "mirror=mirror.example.org:5000",
    "certificates=internal",
    "owner_key='ssh-ed25519 AAAAC3Nza/+= ada@home, the laptop'",
    "owner_key='sk-ssh-ed25519@openssh.com AAAA'",
  ])("is taken: %s", async (change) => {
    expect(await run(`${good}\n${change}\ncheck_arguments`)).toEqual({ status: 0, output: "" });
  });

  test.each([
    ["hub=hub.example.org", "not an origin"],
    ["hub='https://hub.example.org/path'", "not an origin"],
    [`hub='https://hub.example.org", "x": "'`, "not an origin"],
    ["hub='https://hub.example.org\nhttps://other.example.org'".replace("\\n", "\n"), "not an origin"],
    ["release_key=short", "not a raw Ed25519 key"],
    ["mirror='mirror.example.org:5000/x'", "not host:port"],
    ["certificates=none", "not known"],
    [`owner_key='command="reboot" ssh-ed25519 AAAA'`, "not a public key"],
    [`owner_key='ssh-ed25519 AAAA\nssh-ed25519 BBBB'`.replace("\\n", "\n"), "not a public key"],
    ["hub=''", "not said which hub"],
  ])("is refused with what would be right: %s", async (change, said) => {
    const { status, output } = await run(`${good}\n${change}\ncheck_arguments`);
    expect({ status, output }).toEqual({ status: 2, output: expect.stringContaining(said) });
  });

  test.each(["--hub", "--nonsense", "--nonsense value"])("is no option: %s", async (words) => {
    const { status, output } = await run(`main ${words}`);
    expect({ status, output }).toEqual({ status: 2, output: expect.stringContaining("--help") });
  });
});

test("two runs do not meet: the second waits until all that the first had begun is over", async () => {
  const order = join(folder, "order");
  const first = run(`take_lock; echo begun >>${order}; (sleep 1; echo over >>${order}) & sleep 0.2`);
  const second = run(`until [ -e ${order} ]; do :; done; take_lock; echo second >>${order}`);
  expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([0, 0]);
  expect(readFileSync(order, "utf8")).toBe("begun\nover\nsecond\n");
  expect((await second).output).toContain("Another run is under way");
});

describe("a file", () => {
  test("is written as a whole, once, with its rights", async () => {
    const target = join(folder, "deep/er/file");
    expect((await run(`echo one >${folder}/source; put_file ${folder}/source ${target} 640`)).output).toBe("");
    const { ino, mode } = statSync(target);
    expect(mode & 0o777).toBe(0o640);
    await run(`put_file ${folder}/source ${target} 640`);
    expect(statSync(target).ino).toBe(ino);
    await run(`echo two >${folder}/source; put_file ${folder}/source ${target} 600`);
    expect(readFileSync(target, "utf8")).toBe("two\n");
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(existsSync(`${target}.wopr-new`)).toBe(false);
  });

  test("is newer than a service that was started before it was written, whoever asks and when", async () => {
    const startedAgo = (seconds: number) =>
      `systemctl() { awk -v ago=${seconds} '{ printf "%.0f\\n", ($1 - ago) * 1000000 }' /proc/uptime; }`;
    const ask = (ago: number) => run(`${startedAgo(ago)}\ntouch ${folder}/now; is_newer ${folder}/now some.service`);
    expect((await ask(5)).status).toBe(0);
    expect((await ask(-5)).status).toBe(1);
    expect((await run("is_newer /nowhere some.service")).status).toBe(1);
  });
});

describe("a release", () => {
  const key = generateKeyPairSync("ed25519").privateKey;
  const served = () => join(folder, "served");
  let server: Server;
  let hub: string;
  let fetched: string[];
  beforeAll(async () => {
    server = createServer((request, response) => {
      fetched.push(request.url ?? "");
      const file = join(served(), (request.url ?? "").replace("/releases/", ""));
      response.writeHead(existsSync(file) ? 200 : 404).end(existsSync(file) ? readFileSync(file) : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    hub = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    fetched = [];
    for (const part of ["served", "opt", "etc", "run", "log"])
      rmSync(join(folder, part), { recursive: true, force: true });
    mkdirSync(join(folder, "run"));
    mkdirSync(join(folder, "opt"));
    await serve("0.1.0");
  });

  const archiveOf = (version: string) => `wopr-agent-${version}-x64.tar.gz`;
  const serve = async (version: string, change: (file: ReleaseFile) => ReleaseFile = (file) => file) => {
    mkdirSync(join(served(), version), { recursive: true });
    writeFileSync(join(served(), version, "version"), version);
    await create({ cwd: served(), file: join(served(), archiveOf(version)), gzip: true }, [version]);
    const content = readFileSync(join(served(), archiveOf(version)));
    const sha256 = createHash("sha256").update(content).digest("hex");
    const file = {
      kind: "agent",
      architecture: "x64",
      sha256,
      sizeBytes: content.length,
      name: archiveOf(version),
    } as const;
    publish(formatManifest({ version, files: [change(file)] }));
  };
  const publish = (manifest: string) => {
    writeFileSync(join(served(), "manifest"), manifest);
    writeFileSync(join(served(), "manifest.sig"), sign(null, Buffer.from(manifest), key));
  };
  const put = (change = "") =>
    run(`hub=${hub} release_key=${rawPublicKey(key)} architecture=x64\nsleep() { :; }\n${change}\nput_release`);
  const current = () => readFileSync(join(folder, "opt/current/version"), "utf8");
  const changeByte = (name: string) => {
    const content = readFileSync(join(served(), name));
    content.writeUInt8(content.readUInt8(40) ^ 1, 40);
    writeFileSync(join(served(), name), content);
  };

  test("is fetched, checked and put in place, and the next one beside it", async () => {
    expect(await put()).toEqual({ status: 0, output: `==> Fetching ${archiveOf("0.1.0")}\n` });
    expect(current()).toBe("0.1.0");
    await serve("0.2.0");
    await put();
    expect(current()).toBe("0.2.0");
    expect(readdirSync(join(folder, "opt/releases"))).toHaveLength(2);
    expect(readdirSync(join(folder, "opt")).sort()).toEqual(["current", "releases"]);
  });

  test("that is there is not fetched again", async () => {
    await put();
    fetched = [];
    const before = readlinkSync(join(folder, "opt/current"));
    expect(await put()).toEqual({ status: 0, output: "" });
    expect(fetched).toEqual(["/releases/manifest", "/releases/manifest.sig"]);
    expect(readlinkSync(join(folder, "opt/current"))).toBe(before);
  });

  test("that was half unpacked when the run was killed is not taken for a whole one", async () => {
    const { output } = await put("mv() { kill -9 $$; }");
    expect(output).toContain("Fetching");
    expect(existsSync(join(folder, "opt/current"))).toBe(false);
    expect((await put()).status).toBe(0);
    expect(current()).toBe("0.1.0");
    expect(existsSync(join(folder, "opt/incoming"))).toBe(false);
  });

  test.each([
    ["whose manifest was changed", () => changeByte("manifest"), 2, "not signed with the key"],
    ["whose signature was changed", () => changeByte("manifest.sig"), 2, "not signed with the key"],
    ["without a signature", () => rmSync(join(served(), "manifest.sig")), 1, "does not give its release"],
    ["of which the archive was changed", () => changeByte(archiveOf("0.1.0")), 1, "its checksum differs"],
    ["of which the archive is missing", () => rmSync(join(served(), archiveOf("0.1.0"))), 1, "cannot be fetched"],
    [
      "of another form",
      () => publish("wopr-release 2\nversion 0.1.0\n"),
      2,
      "in a form that this script does not know",
    ],
    [
      "for other processors",
      () => serve("0.1.0", (file) => ({ ...file, architecture: "arm64" })),
      2,
      "no agent for x64",
    ],
  ])("%s is refused, and the former one stays", async (_what, spoil, status, said) => {
    await serve("0.0.9");
    await put();
    await serve("0.1.0");
    await spoil();
    expect(await put()).toEqual({ status, output: expect.stringContaining(said) });
    expect(current()).toBe("0.0.9");
  });

  test("whose archive has a name that leads elsewhere is refused", async () => {
    const line = `agent x64 ${"0".repeat(64)} 1 ../../etc/passwd`;
    publish(`wopr-release 1\nversion 0.1.0\n${line}\n`);
    expect((await put()).status).toBe(2);
    expect(fetched).toEqual(["/releases/manifest", "/releases/manifest.sig"]);
  });
});
