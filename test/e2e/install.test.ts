// @module-tag docker
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { renderUserData } from "#hub/provisioning/user-data.ts";
import { createReleases } from "#hub/releases/releases.ts";
import { until } from "#scripts/demo/stage.ts";
import { BeaconOverview, CommandView, endedStates } from "#shared/api/beacon.ts";
import { JobView } from "#shared/api/hub.ts";
import type { TestClient } from "#test/hub/test-client.ts";
import { openPorts } from "#test/vps/open-ports.ts";
import { openVpsPlace, type VpsPlace } from "#test/vps/place.ts";
import { runIn, untilBooted } from "#test/vps/run-in.ts";
import { lastTouched, systemState } from "#test/vps/system-state.ts";

/** On a machine that does much else, packages take their time. */
const FIRST_BOOT_MS = 300_000;
const OWNER_KEY = `ssh-ed25519 ${"A".repeat(68)} owner@example.org`;

let place: VpsPlace;
beforeAll(async () => {
  place = await openVpsPlace();
});
afterAll(() => place.dispose());

/** As somebody on the VPS would, with what the hub has now. */
const runInstaller = (vps: string, ...options: string[]) =>
  runIn(
    vps,
    "sh",
    "-c",
    'curl -fsS -o /srv/install.sh "$0/install.sh" && sh /srv/install.sh "$@"',
    place.hub.url,
    ...options,
  );

describe("a server that was bought", () => {
  let operator: TestClient;
  let vps: string;
  let address: string;
  let beacon: string;

  const look = <Schema extends z.ZodType>(path: string, schema: Schema) =>
    operator.get(path).then(({ body }) => schema.parse(body));
  const isOnline = async () => (await look(`/api/beacons/${beacon}/overview`, BeaconOverview)).online || undefined;

  test(
    "becomes a beacon by its user data alone, which is bound to it and dies with that",
    async () => {
      operator = await place.hub.operator();
      const order = { email: "ada@example.org", beacon: "ada", modules: [] };
      const { id } = JobView.parse((await operator.post("/api/orders", order)).body);
      vps = await until("the VPS", 20_000, async () => (await place.provider.list())[0]?.id);
      await place.reachImages(vps);
      const bought = await until("the agent's first link", FIRST_BOOT_MS, async () => {
        const job = await look(`/api/jobs/${id}`, JobView);
        return job.events.some(({ state }) => state === "CONFIGURING_DNS") ? job : undefined;
      });
      beacon = bought.beacon ?? "";
      address = (await place.provider.get(vps))?.address ?? "";
      expect(await place.hub.beacons.byName("ada")).toMatchObject({ providerId: vps, address });
      expect(await runIn(vps, "cloud-init", "status", "--wait")).toContain("status: done");
      await until("the end of the bootstrap", 30_000, async () =>
        runIn(vps, "sh", "-c", "! systemctl cat wopr-bootstrap 2>/dev/null && systemctl is-system-running").then(
          (state) => (state === "running" ? state : undefined),
          () => undefined,
        ),
      );
      const left = "find /var/lib/wopr/enrolment-token /var/lib/wopr-bootstrap /opt/wopr/incoming 2>/dev/null || true";
      expect(await runIn(vps, "sh", "-c", left)).toBe("");
    },
    FIRST_BOOT_MS + 60_000,
  );

  test("has its firewall, its guard of SSH and its security updates at work, and an agent that may do little", async () => {
    const { running } = await systemState(vps);
    expect(running).toEqual(Array.from({ length: 7 }, () => "active"));
    expect(await runIn(vps, "ufw", "status", "verbose")).toMatch(/Status: active[\s\S]*deny \(incoming\)/);
    expect(await runIn(vps, "fail2ban-client", "status", "sshd")).toContain("Journal matches");
    await runIn(vps, "fail2ban-client", "set", "sshd", "banip", "192.0.2.1");
    const banned = async () => (await runIn(vps, "iptables", "-S")).includes("-s 192.0.2.1/32") || undefined;
    expect(await until("the ban", 10_000, banned)).toBe(true);
    await runIn(vps, "fail2ban-client", "set", "sshd", "unbanip", "192.0.2.1");
    expect(await runIn(vps, "apt-config", "dump")).toContain('APT::Periodic::Unattended-Upgrade "1";');
    await runIn(vps, "unattended-upgrade", "--dry-run");
    const exposure = await runIn(vps, "systemd-analyze", "security", "--no-pager", "wopr-agent");
    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(exposure)?.[1])).toBeLessThanOrEqual(3);
    expect(await runIn(vps, "run-parts", "/etc/update-motd.d")).toContain("This server is a beacon of WOPR");
    expect(await runIn(vps, "wopr", "status", "--json")).toContain("ada.localhost");
  });

  test("runs what its hub sends, and is open to the world for that alone, whatever containers publish", async () => {
    const sent = await operator.post(`/api/beacons/${beacon}/commands`, {
      name: "module.install",
      input: { module: "caddy" },
    });
    const { id } = CommandView.parse(sent.body);
    const ended = await until("Caddy", 60_000, async () => {
      const command = CommandView.parse((await operator.get(`/api/beacons/${beacon}/commands/${id}`)).body);
      return endedStates.some((state) => state === command.state) ? command : undefined;
    });
    expect(ended).toMatchObject({ state: "done" });

    const [image] = (await runIn(vps, "docker", "ps", "--format", "{{.Image}}")).split("\n");
    await runIn(
      vps,
      "docker",
      "run",
      "-d",
      "--name=careless",
      "-p=8081:80",
      "-p=0.0.0.0:1024:80",
      `${image}`,
      "sleep",
      "600",
    );
    await runIn(vps, "docker", "exec", "-d", "careless", "caddy", "respond", "--listen", ":80", "hello");
    await until("the careless container", 10_000, () =>
      runIn(vps, "curl", "-fsS", "http://127.0.0.1:8081/").catch(() => undefined),
    );
    const ports = [...Array(1100).keys(), 2375, 2376, 5432, 6379, 8080, 8081, 8443].slice(1);
    expect(await openPorts(address, ports)).toEqual([22, 80, 443]);
    await runIn(vps, "docker", "rm", "--force", "careless");

    const caddy = ["docker", "inspect", "--format={{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"];
    const [name] = (await runIn(vps, "docker", "ps", "--format", "{{.Names}}")).split("\n");
    const [container = ""] = (await runIn(vps, ...caddy, `${name}`)).split(" ");
    await runIn(vps, "curl", "--silent", "--output", "/dev/null", `http://${container}/`);
    expect(await place.neighbourReaches(address, container, 80)).toBe(false);
  });

  test("is back after a reboot with its agent, its apps and its rules", async () => {
    const before = await systemState(vps);
    const bootOf = () => runIn(vps, "cat", "/proc/1/stat").then((stat) => stat.split(" ")[21]);
    const boot = await bootOf();
    await runIn(vps, "systemctl", "reboot").catch(() => "");
    await until("the reboot", 40_000, async () => ((await bootOf().catch(() => boot)) === boot ? undefined : true));
    await until("the agent's link", 40_000, isOnline);
    address = (await place.provider.get(vps))?.address ?? "";
    const { caCertificate } = (await look(`/api/beacons/${beacon}/overview`, BeaconOverview)).inventory ?? {};
    expect(caCertificate).toContain("BEGIN CERTIFICATE");
    await until("Caddy", 30_000, async () => ((await openPorts(address, [443])).length === 1 ? true : undefined));
    expect(await systemState(vps)).toEqual(before);
    expect(await openPorts(address, [22, 80, 443, 1024, 8081])).toEqual([22, 80, 443]);
  });

  test("is not touched by another run of the installer", async () => {
    const before = await lastTouched(vps);
    expect(await runInstaller(vps)).toContain("This server is a beacon of");
    expect(await lastTouched(vps)).toBe(before);
  });

  test("is a plain server again after it was uninstalled, with the data that this says it keeps", async () => {
    const said = await runInstaller(vps, "--uninstall");
    expect(said).toContain("What was kept");
    const ours =
      "find / -xdev -name '*wopr*' -not -path '/var/lib/wopr*' -not -path '/var/lib/docker/*' -not -path '/proc/*'";
    expect(await runIn(vps, "sh", "-c", `${ours} || true`)).toBe("");
    expect(await runIn(vps, "docker", "ps", "--all", "--quiet")).toBe("");
    expect(await runIn(vps, "docker", "volume", "ls", "--quiet", "--filter", "label=wopr.scope")).not.toBe("");
    expect(await runIn(vps, "ls", "/var/lib/wopr")).toContain("agent.key");
    expect(await runIn(vps, "sh", "-c", "iptables -S | grep -c WOPR || true")).toBe("0");
    expect(await runIn(vps, "ufw", "status")).toContain("inactive");
    expect(await openPorts(address, [22, 80, 443])).toEqual([22]);
  });
});

test("an installation that is killed at any of its steps is finished by the next run, and ends as one that was not", async () => {
  const releases = createReleases(place.packages);
  const nobody = { hub: place.hub.url, enrolmentToken: "unknown", ...(await releases.facts()), ownerKey: OWNER_KEY };
  const [whole, broken] = await Promise.all(
    ["whole", "broken"].map((name) =>
      place.provider.create({
        name,
        labels: { "wopr-beacon": name, "wopr-round": "0" },
        bootstrap: nobody,
        userData: { cloudConfig: "#cloud-config\n{}\n", script: "" },
      }),
    ),
  );
  if (whole === undefined || broken === undefined) throw new Error("expected two VPSs");
  // As a provider does that has no cloud-init.
  await untilBooted(whole.id);
  await runIn(whole.id, "bash", "-c", renderUserData(nobody).script);
  await untilBooted(broken.id);
  await runIn(broken.id, "systemctl", "is-system-running", "--wait");
  const options = ["--hub", nobody.hub, "--release-key", nobody.releaseKey, "--owner-key", OWNER_KEY];
  await runIn(broken.id, "curl", "-fsS", "-o", "/srv/install.sh", `${nobody.hub}/install.sh`);
  await runIn(broken.id, "sh", "-c", "echo unknown >/srv/token");
  const met = new Set<string>();
  while (await killAtNewStep(broken.id, met, [...options, "--token-file", "/srv/token"])) {}
  expect([...met].length).toBeGreaterThanOrEqual(8);

  await until("the other one", FIRST_BOOT_MS, () =>
    runIn(whole.id, "sh", "-c", "test -e /etc/wopr/installed && ! test -e /var/lib/wopr-bootstrap && echo yes").catch(
      () => undefined,
    ),
  );
  const [a, b] = await Promise.all([systemState(whole.id), systemState(broken.id)]);
  expect(b).toEqual(a);
  expect(a.files.join("\n")).toContain("owner home/owner/.ssh/authorized_keys");
}, 480_000);

/**
 * Runs the installer and kills it, with all that it has started, at the first step that it was not killed at before.
 * @param met Gets that step.
 * @returns whether it was killed
 */
async function killAtNewStep(vps: string, met: Set<string>, options: readonly string[]): Promise<boolean> {
  const run = [
    "exec",
    vps,
    "setsid",
    "--wait",
    "sh",
    "-c",
    'echo $$ >/run/installer; exec sh /srv/install.sh "$@"',
    "sh",
    ...options,
  ];
  const installer = spawn("docker", run, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => installer.on("exit", resolve));
  for await (const line of createInterface({ input: installer.stdout })) {
    if (!line.startsWith("==> ") || met.has(line)) continue;
    met.add(line);
    // In the middle of it, where packages are unpacked and not set up.
    if (line.startsWith("==> Installing"))
      await until("dpkg", 60_000, () => runIn(vps, "pgrep", "-x", "dpkg").catch(() => undefined));
    await runIn(vps, "sh", "-c", 'kill -9 -- "-$(cat /run/installer)"').catch(() => "");
    await ended;
    return true;
  }
  expect(await ended).toBe(0);
  return false;
}
