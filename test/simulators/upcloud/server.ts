import { plans } from "./catalog.ts";

export interface UpcloudServer {
  readonly uuid: string;
  /** Counts from 1; its address ends with it. */
  readonly number: number;
  readonly title: string;
  readonly hostname: string;
  readonly zone: string;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly diskGb: number;
  readonly createdAt: number;
  readonly userData: string;
  plan: string;
  state: "maintenance" | "started" | "stopped" | "error";
  /** What becomes of it by itself. */
  next: { readonly at: number; readonly state: UpcloudServer["state"] } | undefined;
}

/** As a list shows it: without its addresses. */
export function listedOf({ uuid, title, hostname, zone, plan, state, labels, createdAt }: UpcloudServer) {
  const { core_number = 1, memory_amount = 1024 } = plans.find(({ name }) => name === plan) ?? {};
  return {
    ...{ uuid, title, hostname, zone, plan, state, labels: { label: labels }, tags: { tag: [] } },
    ...{
      core_number: String(core_number),
      memory_amount: String(memory_amount),
      created: Math.floor(createdAt / 1000),
    },
    ...{
      license: 0,
      host: 5872304771,
      plan_ipv4_bytes: "0",
      plan_ipv6_bytes: "0",
      server_group: null,
      simple_backup: "no",
    },
  };
}

export const addressOf = ({ number }: UpcloudServer) => `94.237.13.${number}`;

/** @param told The address that the vendor says it has */
export function detailOf(server: UpcloudServer, told: string) {
  const addresses = [
    { access: "utility", address: `10.6.6.${server.number}`, family: "IPv4" },
    { access: "public", address: `2a04:3545:1000:720::${server.number.toString(16)}`, family: "IPv6" },
    { access: "public", address: told, family: "IPv4" },
  ];
  const links = addresses.map(({ access, address, family }, index) => ({
    ...{ bootable: "no", index: index + 1, mac: "da:45:c4:5c:f8:f8", source_ip_filtering: "yes", type: access },
    ...{
      network: "03000000-0000-4000-8095-000000000000",
      ip_addresses: { ip_address: [{ address, family, floating: "no" }] },
    },
  }));
  const disk = {
    ...{
      address: "virtio:0",
      boot_disk: "0",
      storage: "01cfbcfb-ea10-4156-b86a-0b8c4bc51c41",
      storage_tier: "maxiops",
    },
    ...{ storage_size: server.diskGb, storage_title: "disk1", type: "disk" },
  };
  return {
    ...listedOf(server),
    ...{ ip_addresses: { ip_address: addresses }, networking: { interfaces: { interface: links } } },
    ...{
      boot_order: "disk",
      firewall: "off",
      metadata: "yes",
      nic_model: "virtio",
      timezone: "UTC",
      video_model: "cirrus",
    },
    ...{ remote_access_enabled: "no", remote_access_password: "6nh3Jg3A", remote_access_type: "vnc" },
    storage_devices: { storage_device: [disk] },
  };
}
