import { z } from "zod";
import { Problem } from "#shared/problem.ts";
import { createVendorHttp, Ignored } from "../vendor-http.ts";
import {
  Detail,
  Flavor,
  Image,
  isAtRest,
  judge,
  Listed,
  OUT_OF_TIME,
  Region,
  regionOf,
  sizesOf,
  TITLE,
  vpsOf,
} from "./ovh/answers.ts";
import { clockOf, signed } from "./ovh/signing.ts";
import { defineProvider, type Vps, type VpsLabels } from "./provider.ts";
import { tagOf } from "./vendor/labels-in-name.ts";
import { newestWith } from "./vendor/vps-labels.ts";
import { awaitDone } from "./vendor/waiting.ts";

const IMAGE = "Debian 12";
/** https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api: an account belongs to one of them. */
const endpoints = {
  eu: "https://eu.api.ovh.com/1.0",
  ca: "https://ca.api.ovh.com/1.0",
  us: "https://api.us.ovhcloud.com/1.0",
} as const;

/**
 * The Public Cloud of OVHcloud: https://api.ovh.com/console/?section=%2Fcloud. It keeps no labels, and names need not be unique: the labels
 * are in the name, with which an instance begins, so that one whose order was not answered is found again.
 *
 * User data is sent as it is; that it need not be encoded is unverified, as no page says it and clients in use do so. A larger size
 * comes with a larger disk, so that there is no way back to a size with a smaller one.
 */
export const ovhProvider = defineProvider({
  name: "ovh",
  title: TITLE,
  Credentials: z.strictObject({
    platform: z.enum(["eu", "ca", "us"]).default("eu"),
    applicationKey: z.string().trim().min(1),
    applicationSecret: z.string().trim().min(1),
    /** With GET, POST and DELETE on `/cloud/project/<project>/*`. */
    consumerKey: z.string().trim().min(1),
    /** Id of the Public Cloud project. */
    project: z
      .string()
      .trim()
      .regex(/^[0-9a-z]+$/i, "expected the id of a project"),
  }),
  secrets: ["applicationSecret", "consumerKey"],
  // Names as https://www.ovhcloud.com/en/public-cloud/prices/ has them; ids differ by region.
  defaultSizes: { t1: "d2-4", t2: "d2-8", t3: "b3-16" },
  defaultRegion: "GRA11",
  open: ({ platform, project, ...keys }, { endpoint = endpoints[platform], ...tools }) => {
    const all = { title: TITLE, endpoint, secrets: [keys.applicationSecret, keys.consumerKey], ...tools };
    const unsigned = createVendorHttp({ ...all, headers: () => ({}), judge });
    const clock = clockOf(() => unsigned.ask(z.number(), { method: "GET", path: "/auth/time" }), tools.now);
    const http = createVendorHttp({
      ...all,
      headers: async (request) => signed(request, keys, await clock.nowS()),
      judge: (refusal) => {
        const verdict = judge(refusal);
        if (verdict.vendorCode === OUT_OF_TIME) clock.forget();
        return verdict;
      },
    });
    const root = `/cloud/project/${project}`;
    /** None in a region that there is not. */
    const flavorsIn = async (region?: string) =>
      (await http.find(z.array(Flavor), { method: "GET", path: `${root}/flavor`, query: { region } })) ?? [];
    const imagesIn = async (region: string) =>
      (await http.find(z.array(Image), { method: "GET", path: `${root}/image`, query: { region, osType: "linux" } })) ??
      [];

    const look = async (id: string): Promise<Detail | undefined> => {
      if (!z.uuid().safeParse(id).success) return undefined;
      const found = await http.find(Detail, { method: "GET", path: `${root}/instance/${id}` });
      return found === undefined || vpsOf(found, undefined) === undefined ? undefined : found;
    };
    const present = async (id: string): Promise<Detail> => {
      const found = await look(id);
      if (found !== undefined) return found;
      throw new Problem("not_found", `there is no instance ${id} at ${TITLE}`);
    };
    const get = async (id: string): Promise<Vps | undefined> => {
      const found = await look(id);
      return found === undefined ? undefined : vpsOf(found, found.flavor.name);
    };
    const listed = () => http.ask(z.array(Listed), { method: "GET", path: `${root}/instance` });
    const find = async (labels: Partial<VpsLabels>) => {
      const ours = (await listed()).map((one) => vpsOf(one, undefined)).filter((vps) => vps !== undefined);
      const newest = newestWith(labels, ours);
      return newest === undefined ? undefined : get(newest.id);
    };

    const atRest = (id: string) =>
      awaitDone(tools, `what ${TITLE} does to the instance now`, async () => {
        const found = await present(id);
        if (found.status === "ERROR") {
          const hint = `Look at it in the control panel of ${TITLE}; it can be removed.`;
          throw new Problem("provider_refused", `the instance ${id} at ${TITLE} has failed`, { hint });
        }
        return isAtRest(found) ? { done: found } : undefined;
      });
    /** Has something done to an instance on which nothing else is under way (409), and waits until it is. */
    const act = async (id: string, action: string, isDone: (now: Detail) => boolean, body?: object) => {
      await awaitDone(tools, `${TITLE}: ${action}`, async () => {
        try {
          await http.ask(Ignored, { method: "POST", path: `${root}/instance/${id}/${action}`, body });
          return { done: undefined };
        } catch (error) {
          if (error instanceof Problem && error.code === "conflict") return undefined;
          throw error;
        }
      });
      await awaitDone(tools, `${TITLE}: ${action}`, async () => {
        const now = await present(id);
        return isAtRest(now) && isDone(now) ? { done: undefined } : undefined;
      });
    };
    const start = (id: string) => act(id, "start", ({ status }) => status === "ACTIVE");

    return {
      // cloud-init takes the id that Nova gave it: https://docs.cloud-init.io/en/latest/reference/datasources/openstack.html
      tells: ["instanceId", "addresses"],
      find,
      get,
      list: async () => {
        const [instances, flavors] = await Promise.all([listed(), flavorsIn()]);
        const names = new Map(flavors.map(({ id, name }) => [id, name]));
        return instances.map((one) => vpsOf(one, names.get(one.flavorId))).filter((vps) => vps !== undefined);
      },
      create: async ({ name, labels, region, size, userData }) => {
        const [there, flavors, images] = await Promise.all([find(labels), flavorsIn(region), imagesIn(region)]);
        if (there !== undefined) return there;
        const flavor = orderable(flavors, region, size);
        const image = images.find((one) => one.name === IMAGE && one.status === "active");
        if (image === undefined) throw new Problem("provider_refused", `${TITLE} has no image ${IMAGE} in ${region}`);
        const body = {
          // What comes first becomes the name of the machine.
          name: `${name}.${tagOf(labels)}`,
          ...{ region, flavorId: flavor.id, imageId: image.id, userData: userData.cloudConfig, monthlyBilling: false },
        };
        const made = await http.ask(Detail, { method: "POST", path: `${root}/instance`, body });
        const vps = vpsOf(made, made.flavor.name);
        if (vps !== undefined) return vps;
        throw new Problem("provider_refused", `${TITLE} did not keep the name of a new instance`);
      },
      power: async (id, on) => {
        const { status } = await atRest(id);
        if (on && status !== "ACTIVE") await start(id);
        if (!on && status === "ACTIVE")
          await act(id, "stop", (now) => now.status === "SHUTOFF" || now.status === "STOPPED");
      },
      resize: async (id, size) => {
        const before = await atRest(id);
        if (before.flavor.name !== size) {
          const flavor = orderable(await flavorsIn(before.region), before.region, size);
          if (flavor.disk < before.flavor.disk) {
            throw new Problem("provider_refused", `${TITLE} cannot make a disk smaller, as ${size} would`, {
              hint: `Take a size with a disk of ${before.flavor.disk} GB or more, or move the beacon to a new server.`,
            });
          }
          await act(id, "resize", (now) => now.flavor.name === size, { flavorId: flavor.id });
        }
        if ((await atRest(id)).status !== "ACTIVE") await start(id);
      },
      remove: async (id) => {
        if ((await look(id)) === undefined) return;
        await http.find(Ignored, { method: "DELETE", path: `${root}/instance/${id}` });
      },
      sizes: async (region) => {
        const sizes = sizesOf(await flavorsIn(region));
        return sizes.filter(({ regions = [] }) =>
          region === undefined ? regions.length > 0 : regions.includes(region),
        );
      },
      regions: async () => {
        const names = await http.ask(z.array(z.string()), { method: "GET", path: `${root}/region` });
        const path = (name: string) => `${root}/region/${encodeURIComponent(name)}`;
        const found = await Promise.all(names.map((name) => http.ask(Region, { method: "GET", path: path(name) })));
        return found.map(regionOf);
      },
    };
  },
});

/** @throws {Problem} `provider_refused`, `provider_out_of_stock`, `provider_quota`: OVHcloud says beforehand what it would refuse */
function orderable(flavors: readonly Flavor[], region: string, size: string): Flavor {
  const flavor = flavors.find(({ name, osType }) => name === size && osType === "linux");
  if (flavor === undefined) {
    const names = sizesOf(flavors).map(({ name }) => name);
    throw new Problem("provider_refused", `${TITLE} has no size ${size} in ${region}`, {
      hint: `It has ${names.join(", ")}.`,
    });
  }
  if (!flavor.available) throw new Problem("provider_out_of_stock", `${TITLE} has no ${size} left in ${region}`);
  if (flavor.quota < 1) {
    const hint = `Ask ${TITLE} for a higher quota of the project in ${region}.`;
    throw new Problem("provider_quota", `the project at ${TITLE} may have no more ${size} in ${region}`, { hint });
  }
  return flavor;
}
