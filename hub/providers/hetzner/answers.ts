import { z } from "zod";
import { Problem, type ProblemCode } from "#shared/problem.ts";
import type { VendorRefusal, Verdict } from "../../vendor-http.ts";
import type { Vps, VpsLabels } from "../provider.ts";

export const TITLE = "Hetzner Cloud";

const Meta = z.object({ pagination: z.object({ next_page: z.number().nullable() }) });
export interface Paged {
  readonly meta: z.output<typeof Meta>;
}

export const Server = z.object({
  id: z.number(),
  status: z.string(),
  created: z.iso.datetime({ offset: true }),
  labels: z.record(z.string(), z.string()),
  public_net: z.object({
    ipv4: z.object({ ip: z.string() }).nullish(),
    /** The network of 64 bits that it has. */
    ipv6: z.object({ ip: z.string() }).nullish(),
  }),
  server_type: z.object({ name: z.string() }),
  /** The data centre told it before locations did. */
  location: z.object({ name: z.string() }).optional(),
});
export const ServerPage = z.object({ servers: z.array(Server), meta: Meta });

const ServerType = z.object({
  name: z.string(),
  architecture: z.string(),
  cores: z.number(),
  /** GiB. */
  memory: z.number(),
  disk: z.number(),
  prices: z.array(z.object({ location: z.string(), price_monthly: z.object({ net: z.string() }) })),
  locations: z.array(z.object({ name: z.string(), deprecation: z.object({}).nullish() })),
});
export const TypePage = z.object({ server_types: z.array(ServerType), meta: Meta });

const Location = z.object({ name: z.string(), city: z.string(), country: z.string() });
export const LocationPage = z.object({ locations: z.array(Location), meta: Meta });

export const Acted = z.object({
  action: z.object({
    id: z.number(),
    status: z.enum(["running", "success", "error"]),
    error: z.object({ code: z.string(), message: z.string() }).nullish(),
  }),
});

export const selectorOf = (labels: Partial<VpsLabels>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}==${value}`)
    .join(",");

const Labels = z.object({ "wopr-beacon": z.string(), "wopr-round": z.string() });

/** `undefined` of a server that is not ours, or as good as gone. */
export function vpsOf(server: z.output<typeof Server>): Vps | undefined {
  const labels = Labels.safeParse(server.labels);
  if (!labels.success || server.status === "deleting") return undefined;
  const { ipv4, ipv6 } = server.public_net;
  const address = ipv4?.ip;
  // The first address of its network is the one that it gives itself: https://docs.hetzner.com/cloud/servers/static-configuration
  const address6 = ipv6?.ip.replace(/\/\d+$/, "1");
  const dialsFrom = [address, address6].filter((one) => one !== undefined);
  return {
    id: String(server.id),
    labels: labels.data,
    status: statuses[server.status] ?? "starting",
    address,
    address6,
    size: server.server_type.name,
    region: server.location?.name,
    createdAt: Date.parse(server.created),
    dialsFrom: dialsFrom.length === 0 ? undefined : dialsFrom,
    log: `the console of the server ${server.id} at ${TITLE}`,
  };
}

/** What is `initializing`, `starting`, `migrating`, `rebuilding` or `unknown` is on its way. */
const statuses: Readonly<Record<string, Vps["status"]>> = { running: "active", stopping: "active", off: "off" };

export function sizeOf(type: z.output<typeof ServerType>, currency: string, region: string | undefined) {
  const regions = type.locations.filter(({ deprecation }) => deprecation == null).map(({ name }) => name);
  const price = type.prices.find(({ location }) => location === (region ?? regions[0]));
  return {
    name: type.name,
    vcpus: type.cores,
    memoryMb: type.memory * 1024,
    diskGb: type.disk,
    regions,
    ...(price === undefined ? {} : { monthlyCents: Math.round(Number(price.price_monthly.net) * 100), currency }),
  };
}

/** What Hetzner's codes mean where their status does not say it: https://docs.hetzner.cloud/reference/cloud#errors */
const codes: Readonly<Record<string, ProblemCode>> = {
  unauthorized: "provider_credentials",
  forbidden: "provider_credentials",
  token_readonly: "provider_credentials",
  resource_limit_exceeded: "provider_quota",
  resource_unavailable: "provider_out_of_stock",
  placement_error: "provider_out_of_stock",
  rate_limit_exceeded: "provider_unavailable",
  maintenance: "provider_unavailable",
  service_error: "provider_unavailable",
  // Something is under way on the server, and nothing else was begun.
  locked: "conflict",
  conflict: "conflict",
};

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

export function judge({ body }: VendorRefusal): Verdict {
  const { data } = Refusal.safeParse(body);
  if (data === undefined) return {};
  const { code, message } = data.error;
  return { code: codes[code], reason: message, vendorCode: code };
}

export const problemOf = (action: string, code = "unknown") =>
  new Problem(codes[code] ?? "provider_refused", `${TITLE} could not ${action} the server: ${code}`, {
    hint: "Look at it in the console of the vendor.",
    details: { vendorCode: code },
  });

/** What was just made carries our labels. */
export function made(vps: Vps | undefined): Vps {
  if (vps !== undefined) return vps;
  throw new Problem("provider_refused", `${TITLE} did not keep the labels of a new server`);
}
