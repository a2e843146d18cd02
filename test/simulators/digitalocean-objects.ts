import type { SimulatedDroplet } from "./digitalocean.ts";

const size = (slug: string, vcpus: number, memory: number, disk: number, dollars: number) => ({
  ...{ slug, vcpus, memory, disk, transfer: 4, price_monthly: dollars, price_hourly: dollars / 672 },
  ...{ regions: ["fra1", "nyc3"], available: true, description: "Basic", disk_info: [] },
});
export const sizes = [
  size("s-1vcpu-1gb", 1, 1024, 25, 6),
  size("s-2vcpu-4gb", 2, 4096, 80, 24),
  size("s-4vcpu-8gb", 4, 8192, 160, 48),
  size("s-8vcpu-16gb", 8, 16_384, 320, 96),
  { ...size("m-2vcpu-16gb", 2, 16_384, 50, 84), available: false },
];

const region = (slug: string, name: string, available = true) => ({
  ...{ slug, name, available, features: ["metadata", "ipv6"], sizes: sizes.map((one) => one.slug) },
});
export const regions = [
  region("fra1", "Frankfurt 1"),
  region("nyc3", "New York 3"),
  region("nyc2", "New York 2", false),
];

const image = {
  ...{ id: 139_794_500, name: "12 x64", type: "base", distribution: "Debian", slug: "debian-12-x64", public: true },
  ...{ regions: ["fra1", "nyc3"], created_at: "2023-07-20T17:01:41Z", min_disk_size: 7, size_gigabytes: 0.5 },
  ...{ description: "Debian 12 x64", tags: [], status: "available" },
};

/** Of a network for documentation (RFC 5737). */
export const addressOf = (id: number) => `198.51.100.${id % 250}`;

export function dropletOf(droplet: SimulatedDroplet, address: string) {
  const { id, name, status, locked, tags } = droplet;
  const kind = sizes.find(({ slug }) => slug === droplet.size);
  const public4 = {
    ip_address: address,
    netmask: "255.255.240.0",
    gateway: "198.51.96.1",
    type: "public",
  };
  const private4 = { ip_address: `10.114.0.${id % 250}`, netmask: "255.255.240.0", gateway: "", type: "private" };
  const public6 = {
    ip_address: `2001:db8:1::${(id % 60_000).toString(16)}`,
    netmask: 64,
    gateway: "2001:db8:1::1",
    type: "public",
  };
  return {
    ...{ id, name, status, locked, tags, created_at: new Date(droplet.createdAt).toISOString() },
    ...{ memory: kind?.memory, vcpus: kind?.vcpus, disk: droplet.disk, size: kind, size_slug: droplet.size },
    // Nothing is there until it has been made.
    networks: status === "new" ? { v4: [], v6: [] } : { v4: [private4, public4], v6: [public6] },
    ...{ region: regions.find(({ slug }) => slug === droplet.region), image, kernel: null, features: ["ipv6"] },
    ...{ backup_ids: [], next_backup_window: null, snapshot_ids: [], volume_ids: [] },
  };
}
