/** Of the table in the vendor's description of "Create a new instance"; memory and processors are not in it. */
export const products: Record<string, { name: string; diskGb: number; ramMb: number; cores: number }> = {
  V91: { name: "VPS 10 NVMe", diskGb: 75, ramMb: 8192, cores: 4 },
  V94: { name: "VPS 20 NVMe", diskGb: 100, ramMb: 12288, cores: 6 },
  V97: { name: "VPS 30 NVMe", diskGb: 200, ramMb: 24576, cores: 8 },
};

export interface ContaboInstance {
  readonly id: number;
  readonly productId: string;
  readonly region: string;
  readonly imageId: string;
  readonly createdAt: number;
  /** Until when it is paid. */
  readonly termEndsAt: number;
  readonly userData: string;
  displayName: string;
  status: "provisioning" | "installing" | "running" | "stopped" | "error" | "product_not_available";
  cancelledOn: string | undefined;
  /** What becomes of it by itself, in order. */
  ahead: { readonly at: number; readonly status: ContaboInstance["status"] }[];
}

export const whose = { tenantId: "DE", customerId: "54321" };

export const createdOf = ({ id, productId, region, imageId, createdAt, status }: ContaboInstance) => ({
  ...{ ...whose, instanceId: id, productId, region, imageId, status, osType: "Linux", addOns: [], sshKeys: [] },
  createdDate: new Date(createdAt).toISOString(),
});

export const addressOf = ({ id }: ContaboInstance) => `207.180.0.${id % 250}`;

/** @param told The address that the vendor says it has */
export function detailOf(instance: ContaboInstance, told: string) {
  const { name, diskGb, ramMb, cores } = products[instance.productId] ?? { name: "", diskGb: 0, ramMb: 0, cores: 0 };
  const placed = instance.status !== "provisioning";
  return {
    ...createdOf(instance),
    ...{ displayName: instance.displayName, name: `vmd${instance.id}`, productName: name, productType: "nvme" },
    ...{ ramMb, cpuCores: cores, diskMb: diskGb * 1024, cancelDate: instance.cancelledOn ?? "", errorMessage: "" },
    ...{ dataCenter: "European Union 1", regionName: "European Union", macAddress: "F2:65:50:F3:63:A1" },
    ...{ vHostId: 73395, vHostNumber: 1001, vHostName: "m1001", additionalIps: [], defaultUser: "admin" },
    ipConfig: {
      v4: { ip: placed ? told : "", netmaskCidr: 24, gateway: "207.180.0.1" },
      v6: {
        ip: placed ? `2a02:c207:0000:0000:0000:0000:0000:${instance.id.toString(16).slice(-4)}` : "",
        netmaskCidr: 64,
        gateway: "fe80::1",
      },
    },
  };
}
