import type { SimulatedAction, SimulatedServer } from "./hetzner.ts";

const place = (id: number, name: string, city: string, country: string) => ({
  ...{ id, name, city, country, description: `${city} DC Park 1`, latitude: 50.47, longitude: 12.37 },
  network_zone: "eu-central",
});
export const locations = [
  place(1, "fsn1", "Falkenstein", "DE"),
  place(2, "nbg1", "Nuremberg", "DE"),
  place(3, "hel1", "Helsinki", "FI"),
];

const price = (net: string) => ({ net, gross: net });
const prices = (net: string) =>
  locations.map(({ name }) => ({
    ...{ location: name, price_hourly: price("0.0050000000"), price_monthly: price(net) },
    ...{ price_per_tb_traffic: price("1.0000000000"), included_traffic: 21_990_232_555_520 },
  }));

interface Kind {
  readonly id: number;
  readonly name: string;
  readonly cores: number;
  readonly memory: number;
  readonly disk: number;
  readonly net: string;
  readonly architecture?: "arm";
  /** Not sold any more. */
  readonly old?: true;
}

const serverType = ({ net, architecture, old, ...kind }: Kind) => {
  const deprecation = old ? { announced: "2025-10-16T06:00:00Z", unavailable_after: "2025-12-31T00:00:00Z" } : null;
  return {
    ...kind,
    ...{ architecture: architecture ?? "x86", cpu_type: "shared", storage_type: "local", category: "Shared vCPU" },
    ...{ description: kind.name.toUpperCase(), deprecated: old === true, deprecation, prices: prices(net) },
    locations: locations.map(({ id, name }) => ({ id, name, deprecation })),
  };
};

export const serverTypes = [
  serverType({ id: 104, name: "cx22", cores: 2, memory: 4, disk: 40, net: "3.2900000000", old: true }),
  serverType({ id: 114, name: "cx23", cores: 2, memory: 4, disk: 40, net: "2.9900000000" }),
  serverType({ id: 115, name: "cx33", cores: 4, memory: 8, disk: 80, net: "4.9900000000" }),
  serverType({ id: 116, name: "cx43", cores: 8, memory: 16, disk: 160, net: "9.4900000000" }),
  serverType({ id: 45, name: "cax11", cores: 2, memory: 4, disk: 40, net: "3.2900000000", architecture: "arm" }),
];

const image = {
  ...{ id: 114_690_387, type: "system", status: "available", name: "debian-12", description: "Debian 12" },
  ...{ image_size: null, disk_size: 5, created: "2023-06-13T06:00:00Z", created_from: null, bound_to: null },
  ...{ os_flavor: "debian", os_version: "12", rapid_deploy: true, protection: { delete: false }, deprecated: null },
  ...{ labels: {}, deleted: null, architecture: "x86" },
};

const time = (ms: number) => new Date(ms).toISOString();

export function serverOf(server: SimulatedServer, address: string) {
  const { id, name, labels, status, locked, createdAt } = server;
  const location = locations.find((one) => one.name === server.location);
  const network = `2001:db8:${id.toString(16)}::/64`;
  const datacenter = {
    ...{ id: 4, name: `${server.location}-dc14`, description: "1 virtual DC 14", location },
    server_types: { available: [], available_for_migration: [], supported: [] },
  };
  return {
    ...{ id, name, labels, status, locked, created: time(createdAt), location, datacenter, image },
    server_type: serverTypes.find((type) => type.name === server.type),
    public_net: {
      ipv4: { id: id + 1, ip: address, blocked: false, dns_ptr: `static.${id}.clients.example.org` },
      ipv6: { id: id + 2, ip: network, blocked: false, dns_ptr: [] },
      ...{ floating_ips: [], firewalls: [] },
    },
    ...{ private_net: [], volumes: [], load_balancers: [], placement_group: null, iso: null, rescue_enabled: false },
    ...{ backup_window: null, protection: { delete: false, rebuild: false }, primary_disk_size: 40 },
    ...{ included_traffic: 21_990_232_555_520, ingoing_traffic: 0, outgoing_traffic: 0 },
  };
}

/** Of a network for documentation (RFC 5737). */
export const addressOf = (id: number) => `203.0.113.${id % 250}`;

export function actionOf({ id, command, server, startedAt, status, finishedAt }: SimulatedAction) {
  const finished = finishedAt === undefined ? null : time(finishedAt);
  const progress = status === "running" ? 50 : 100;
  return {
    ...{ id, command, status, progress, started: time(startedAt), finished, error: null },
    resources: [{ id: server, type: "server" }],
  };
}

const monthly = price("1.1900000000");
export const pricing = {
  ...{ currency: "EUR", vat_rate: "0.000000", image: { price_per_gb_month: monthly } },
  ...{ floating_ip: { price_monthly: monthly }, floating_ips: [], load_balancer_types: [], primary_ips: [] },
  ...{ server_backup: { percentage: "20.0000000000" }, volume: { price_per_gb_month: monthly } },
  server_types: serverTypes.map(({ id, name, prices: ofType }) => ({ id, name, prices: ofType })),
};
