// @module-tag docker
import { randomUUID } from "node:crypto";
import Docker from "dockerode";
import { beforeAll, describe, expect, test } from "vitest";
import { LocalContainerSettings, localContainerProvider } from "#hub/providers/local/container-provider.ts";
import { ensureVpsImage } from "#scripts/vps/vps-image.ts";
import { providerContract } from "#test/contracts/provider.ts";
import { userDataOf } from "#test/fixtures/user-data.ts";
import { runIn } from "#test/vps/run-in.ts";
import { until } from "../provisioning/until.ts";

const docker = new Docker();
let image: string;
beforeAll(async () => {
  image = await ensureVpsImage({ log: () => undefined });
});

function openAccount() {
  const account = `test-${randomUUID().slice(0, 8)}`;
  const settings = LocalContainerSettings.parse({ mode: "container", image, account, network: `wopr-${account}` });
  const open = (changes: Partial<LocalContainerSettings> = {}) => localContainerProvider({ ...settings, ...changes });
  return {
    account,
    open,
    dispose: async () => {
      const left = await docker.listContainers({ all: true, filters: { label: [`wopr.vps-account=${account}`] } });
      for (const { Id } of left) await docker.getContainer(Id).remove({ force: true, v: true });
      for (const { Id } of await docker.listNetworks({ filters: { name: [settings.network] } })) {
        await docker.getNetwork(Id).remove();
      }
    },
  };
}

providerContract(
  "local with containers",
  async () => {
    const { open, dispose } = openAccount();
    return { open: () => open(), dispose };
  },
  { hasVendor: false },
);

describe("a VPS that is a container", () => {
  const bootstrap = { hub: "http://127.0.0.1:9", enrolmentToken: "token" };
  const orderFor = (beacon: string) => ({
    name: "ada",
    labels: { "wopr-beacon": beacon, "wopr-round": "0" },
    bootstrap,
    userData: userDataOf(bootstrap),
  });
  const withAccount = async (work: (account: ReturnType<typeof openAccount>) => Promise<void>) => {
    const account = openAccount();
    try {
      await work(account);
    } finally {
      await account.dispose();
    }
  };

  test("is a whole system that has done what its user data says, under its id and name, and does so once", () =>
    withAccount(async ({ open }) => {
      const { id } = await open().create(orderFor("beacon_system"));
      const done = () => runIn(id, "cloud-init", "status", "--wait").catch(() => "");
      await until(done, (said) => said.includes("status: done"));
      expect(await runIn(id, "systemctl", "is-system-running", "--wait")).toBe("running");
      expect(JSON.parse(await runIn(id, "cat", "/etc/wopr/bootstrap.json"))).toMatchObject(bootstrap);
      expect(await runIn(id, "cat", "/var/lib/cloud/data/instance-id")).toBe(id);
      expect(await runIn(id, "hostname")).toBe("ada");
      expect(await runIn(id, "stat", "--format=%a", "/var/lib/cloud/seed/nocloud/user-data")).toBe("600");
      expect(await runIn(id, "cat", "/sys/fs/cgroup/memory/memory.limit_in_bytes")).toBe(String(4 * 2 ** 30));

      await runIn(id, "rm", "/etc/wopr/bootstrap.json");
      await open().power(id, false);
      await open().power(id, true);
      await until(done, (said) => said.includes("status: done"));
      await expect(runIn(id, "test", "-e", "/etc/wopr/bootstrap.json")).rejects.toThrow();
    }));

  test("that was not told all when the hub died does not exist, and is made anew", () =>
    withAccount(async ({ account, open }) => {
      const { id } = await open().create(orderFor("beacon_half"));
      await open().remove(id);
      const Labels = { ...orderFor("beacon_half").labels, "wopr.vps-account": account };
      await docker.createContainer({ name: `${id}-unfinished`, Image: image, Labels, Entrypoint: ["/vps-init"] });
      expect(await open().find({ "wopr-beacon": "beacon_half" })).toBeUndefined();
      expect(await open().list()).toEqual([]);
      expect((await open().create(orderFor("beacon_half"))).id).toBe(id);
      await expect(docker.getContainer(`${id}-unfinished`).inspect()).rejects.toMatchObject({ statusCode: 404 });
    }));

  test("is made once, however many ask at the same moment", () =>
    withAccount(async ({ open }) => {
      const provider = open();
      const made = await Promise.all([1, 2, 3].map(() => provider.create(orderFor("beacon_once"))));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect(await provider.list()).toHaveLength(1);
    }));

  test("gets another size and goes back, switched on whatever it was, with the limits of that size", () =>
    withAccount(async ({ open }) => {
      const { id } = await open().create(orderFor("beacon_size"));
      const limit = () => runIn(id, "cat", "/sys/fs/cgroup/memory/memory.limit_in_bytes");
      await open().resize(id, "t2");
      expect(await open().get(id)).toMatchObject({ size: "t2", status: "active" });
      expect(await limit()).toBe(String(8 * 2 ** 30));
      await docker.getContainer(id).kill();
      await until(
        () => open().get(id),
        (vps) => vps?.status === "off",
      );
      await open().resize(id, "t1");
      expect(await open().get(id)).toMatchObject({ size: "t1", status: "active" });
      await until(limit, (bytes) => bytes === String(4 * 2 ** 30));
    }));

  test("takes its disk with it", () =>
    withAccount(async ({ open }) => {
      const { id } = await open().create(orderFor("beacon_disk"));
      const { Mounts } = await docker.getContainer(id).inspect();
      const [volume] = Mounts.map(({ Name }) => Name ?? "");
      await docker.getVolume(volume ?? "").inspect();
      await open().remove(id);
      await expect(docker.getVolume(volume ?? "").inspect()).rejects.toMatchObject({ statusCode: 404 });
    }));

  test("is refused when there is no image, and left for later when there is no engine", () =>
    withAccount(async ({ open }) => {
      const order = orderFor("beacon_refused");
      await expect(open({ image: "wopr/none:1" }).create(order)).rejects.toMatchObject({ code: "provider_refused" });
      const away = open({ dockerSocket: "/nowhere/docker.sock" });
      await expect(away.create(order)).rejects.toMatchObject({ code: "provider_unavailable" });
      await expect(open().create({ ...order, size: "t9" })).rejects.toMatchObject({ code: "provider_refused" });
      expect(await open().list()).toEqual([]);
    }));
});
