import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import { defineProvider, type Vps, type VpsLabels } from "./provider.ts";
import {
  judge,
  labelsOf,
  OneServer,
  PlanList,
  regionOf,
  type Server,
  ServerList,
  TITLE,
  vpsOf,
  ZoneList,
} from "./upcloud/answers.ts";
import { newestWith } from "./vendor/vps-labels.ts";
import { awaitDone } from "./vendor/waiting.ts";

/**
 * Debian GNU/Linux 12 (Bookworm). Ids of public templates are the same for everybody:
 * https://github.com/UpCloudLtd/terraform-provider-upcloud/blob/main/upcloud/provider_test.go
 */
const TEMPLATE = "01000000-0000-4000-8000-000020070100";
const PAGE_SIZE = 100;
/** How long a system may take to shut down before it is switched off. */
const SHUTDOWN_SECONDS = "60";

interface Ours {
  readonly id: string;
  readonly labels: VpsLabels;
}

/**
 * UpCloud: https://developers.upcloud.com/1.3/. Names need not be unique, and there are no idempotency keys: a server whose order was not
 * answered is found by its labels, which are part of the order.
 */
export const upcloudProvider = defineProvider({
  name: "upcloud",
  title: TITLE,
  Credentials: z.strictObject({
    /** Of a sub-account that may use the API. */
    username: z.string().trim().min(1),
    password: z.string().min(1),
  }),
  secrets: ["password"],
  // The general-purpose plans, as https://api.upcloud.com/1.3/plan lists them.
  defaultSizes: { t1: "2xCPU-4GB", t2: "4xCPU-8GB", t3: "6xCPU-16GB" },
  defaultRegion: "de-fra1",
  open: ({ username, password }, { endpoint = "https://api.upcloud.com/1.3", ...tools }) => {
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const headers = () => ({ authorization: `Basic ${basic}` });
    const http = createVendorHttp({ title: TITLE, endpoint, headers, secrets: [password, basic], judge, ...tools });

    /** Those of ours, whatever the filter lets through: it was once called `labels`, and a name that is not known is passed over. */
    const oursWith = async (label: string, offset = 0): Promise<Ours[]> => {
      const query = { label, limit: PAGE_SIZE, offset };
      const { server } = (await http.ask(ServerList, { method: "GET", path: "/server", query })).servers;
      const ours = server.flatMap((one) => {
        const labels = labelsOf(one);
        return labels === undefined ? [] : [{ id: one.uuid, labels }];
      });
      // Until there are none: how many a page may have is not said.
      return server.length === 0 ? ours : [...ours, ...(await oursWith(label, offset + server.length))];
    };
    const look = async (id: string): Promise<Server | undefined> => {
      if (!z.uuid().safeParse(id).success) return undefined;
      const server = (await http.find(OneServer, { method: "GET", path: `/server/${id}` }))?.server;
      return server !== undefined && labelsOf(server) !== undefined ? server : undefined;
    };
    const get = async (id: string): Promise<Vps | undefined> => {
      const server = await look(id);
      return server === undefined ? undefined : vpsOf(server);
    };
    /** Lists do not tell addresses. */
    const find = async (labels: Partial<VpsLabels>) => {
      const beacon = labels["wopr-beacon"];
      const newest = newestWith(labels, await oursWith(beacon === undefined ? "wopr-beacon" : `wopr-beacon=${beacon}`));
      return newest === undefined ? undefined : get(newest.id);
    };

    const regions = async () => {
      const { zones } = await http.ask(ZoneList, { method: "GET", path: "/zone" });
      return zones.zone.filter((zone) => zone.public === "yes").map(regionOf);
    };
    const present = async (id: string): Promise<Server> => {
      const server = await look(id);
      if (server !== undefined) return server;
      throw new Problem("not_found", `there is no server ${id} at ${TITLE}`);
    };
    /** In maintenance it takes no orders. */
    const atRest = (id: string) =>
      awaitDone(tools, `what ${TITLE} does to the server now`, async () => {
        const server = await present(id);
        return server.state === "maintenance" ? undefined : { done: server };
      });
    const start = async (id: string) => {
      await http.ask(Ignored, { method: "POST", path: `/server/${id}/start`, body: { server: {} } });
    };
    const stop = async (id: string, stop_type: "soft" | "hard") => {
      const body = { stop_server: { stop_type, timeout: SHUTDOWN_SECONDS } };
      await http.ask(Ignored, { method: "POST", path: `/server/${id}/stop`, body });
      await awaitDone(tools, `${TITLE}: stop`, async () => {
        const { state } = await present(id);
        return state === "stopped" ? { done: undefined } : undefined;
      });
    };

    return {
      // cloud-init takes its uuid as the id: https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/helpers/upcloud.py
      tells: ["instanceId", "addresses"],
      find,
      get,
      // One after the other: how many it answers at a time is not said.
      list: async () =>
        (await Array.fromAsync(await oursWith("wopr-beacon"), ({ id }) => get(id))).filter((vps) => vps !== undefined),
      create: async (order) => {
        const [there, { plans }] = await Promise.all([
          find(order.labels),
          http.ask(PlanList, { method: "GET", path: "/plan" }),
        ]);
        if (there !== undefined) return there;
        const plan = plans.plan.find(({ name }) => name === order.size);
        if (plan === undefined) {
          throw new Problem("provider_refused", `${TITLE} has no plan ${order.size}`, {
            hint: `It has ${plans.plan.map(({ name }) => name).join(", ")}.`,
          });
        }
        const disk = {
          action: "clone",
          storage: TEMPLATE,
          title: `${order.name} disk`,
          size: plan.storage_size,
          tier: plan.storage_tier,
        };
        const publicly = (family: string) => ({ type: "public", ip_addresses: { ip_address: [{ family }] } });
        const server = {
          zone: order.region,
          title: order.name,
          hostname: order.name,
          plan: order.size,
          labels: { label: Object.entries(order.labels).map(([key, value]) => ({ key, value })) },
          // Without it a template with cloud-init is refused.
          metadata: "yes",
          user_data: order.userData.cloudConfig,
          login_user: { create_password: "no" },
          password_delivery: "none",
          storage_devices: { storage_device: [disk] },
          networking: { interfaces: { interface: [publicly("IPv4"), publicly("IPv6")] } },
        };
        const made = await http.ask(OneServer, { method: "POST", path: "/server", body: { server } });
        const vps = vpsOf(made.server);
        if (vps !== undefined) return vps;
        throw new Problem("provider_refused", `${TITLE} did not keep the labels of a new server`);
      },
      power: async (id, on) => {
        const { state } = await atRest(id);
        if (on && state === "stopped") await start(id);
        if (!on && state !== "stopped") await stop(id, "soft");
      },
      resize: async (id, size) => {
        const before = await atRest(id);
        if (before.plan !== size) {
          if (before.state !== "stopped") await stop(id, "soft");
          const change = http.ask(Ignored, { method: "PUT", path: `/server/${id}`, body: { server: { plan: size } } });
          // Switched on again also where the other plan cannot be had.
          await change.catch(async (error: unknown) => {
            await start(id);
            throw error;
          });
        }
        if ((await atRest(id)).state === "stopped") await start(id);
      },
      remove: async (id) => {
        if ((await look(id)) === undefined) return;
        // Only what is stopped can be deleted.
        const { state } = await atRest(id);
        if (state === "started") await stop(id, "hard");
        const query = { storages: 1, backups: "delete" };
        await http.find(Ignored, { method: "DELETE", path: `/server/${id}`, query });
      },
      sizes: async (region) => {
        const [{ plans }, known] = await Promise.all([
          http.ask(PlanList, { method: "GET", path: "/plan" }),
          region === undefined ? undefined : regions(),
        ]);
        // It sells the same everywhere.
        if (known?.every(({ name }) => name !== region)) return [];
        return plans.plan.map(({ name, core_number, memory_amount, storage_size }) => ({
          ...{ name, vcpus: core_number, memoryMb: memory_amount, diskGb: storage_size },
        }));
      },
      regions,
    };
  },
});
