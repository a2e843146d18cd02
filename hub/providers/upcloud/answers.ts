import { z } from "zod";
import type { ProblemCode } from "#shared/problem.ts";
import type { VendorRefusal, Verdict } from "../../vendor-http.ts";
import type { Vps, VpsRegion } from "../provider.ts";

export const TITLE = "UpCloud";

const Listed = z.object({
  uuid: z.string(),
  labels: z.object({ label: z.array(z.object({ key: z.string(), value: z.string() })) }),
});
export const ServerList = z.object({ servers: z.object({ server: z.array(Listed) }) });

const Server = Listed.extend({
  state: z.enum(["started", "stopped", "maintenance", "error"]),
  plan: z.string(),
  zone: z.string(),
  created: z.number(),
  ip_addresses: z.object({
    ip_address: z.array(z.object({ access: z.string(), address: z.string(), family: z.string() })),
  }),
});
export type Server = z.output<typeof Server>;
export const OneServer = z.object({ server: Server });

export const PlanList = z.object({
  plans: z.object({
    plan: z.array(
      z.object({
        name: z.string(),
        core_number: z.number(),
        memory_amount: z.number(),
        storage_size: z.number(),
        storage_tier: z.string(),
      }),
    ),
  }),
});

const Zone = z.object({ id: z.string(), description: z.string(), public: z.enum(["yes", "no"]) });
export const ZoneList = z.object({ zones: z.object({ zone: z.array(Zone) }) });

const Labels = z.object({ "wopr-beacon": z.string(), "wopr-round": z.string() });

export function labelsOf({ labels }: z.output<typeof Listed>) {
  return Labels.safeParse(Object.fromEntries(labels.label.map(({ key, value }) => [key, value]))).data;
}

/** `undefined` of a server that is not ours. */
export function vpsOf(server: Server): Vps | undefined {
  const labels = labelsOf(server);
  if (labels === undefined) return undefined;
  const open = server.ip_addresses.ip_address.filter(({ access }) => access === "public");
  return {
    id: server.uuid,
    labels,
    status: statuses[server.state],
    address: open.find(({ family }) => family === "IPv4")?.address,
    address6: open.find(({ family }) => family === "IPv6")?.address,
    size: server.plan,
    region: server.zone,
    createdAt: server.created * 1000,
    dialsFrom: open.length === 0 ? undefined : open.map(({ address }) => address),
    log: `the console of the server ${server.uuid} at ${TITLE}${server.state === "error" ? ", which says that it failed" : ""}`,
  };
}

const statuses = { started: "active", stopped: "off", maintenance: "starting", error: "starting" } as const;

/** Zones are `de-fra1`: the country, with the vendor's own word for one of them. */
export function regionOf({ id, description }: z.output<typeof Zone>): VpsRegion {
  const country = id.slice(0, 2).toUpperCase();
  return { name: id, title: description, country: country === "UK" ? "GB" : country };
}

/**
 * What UpCloud's codes mean where their status does not say it.
 * https://github.com/UpCloudLtd/upcloud-go-api/blob/main/upcloud/error_codes.go, https://developers.upcloud.com/1.3/2-errors/
 */
const codes: Readonly<Record<string, ProblemCode>> = {
  AUTHENTICATION_FAILED: "provider_credentials",
  INSUFFICIENT_CREDITS: "provider_quota",
  SERVER_RESOURCES_UNAVAILABLE: "provider_out_of_stock",
  STORAGE_RESOURCES_UNAVAILABLE: "provider_out_of_stock",
  IP_ADDRESS_RESOURCES_UNAVAILABLE: "provider_out_of_stock",
  // As many are being made as may be at a time.
  SERVER_CREATING_LIMIT_REACHED: "provider_unavailable",
  // Of an order that names what is not there, and no server that is looked for.
  ZONE_NOT_FOUND: "provider_refused",
  STORAGE_NOT_FOUND: "provider_refused",
  // Something is under way on the server, and nothing else was begun.
  SERVER_STATE_ILLEGAL: "conflict",
};

const Refusal = z.object({ error: z.object({ error_code: z.string(), error_message: z.string() }) });
/** Of newer parts of the API, https://datatracker.ietf.org/doc/html/rfc7807: the code is the end of the type. */
const NewRefusal = z.object({ type: z.string(), title: z.string() });

export function judge({ body }: VendorRefusal): Verdict {
  const old = Refusal.safeParse(body).data?.error;
  const recent = NewRefusal.safeParse(body).data;
  const code = old?.error_code ?? recent?.type.replace(/^.*#(?:ERROR_)?/, "");
  if (code === undefined) return {};
  const meant = codes[code] ?? (code.endsWith("_LIMIT_REACHED") ? "provider_quota" : undefined);
  const hint = code === "INSUFFICIENT_CREDITS" ? `Pay into the account at ${TITLE}.` : undefined;
  return { code: meant, reason: old?.error_message ?? recent?.title, vendorCode: code, hint };
}
