/** Regions as OVHcloud names them, each with its own ids of flavours and images. */
export const regions = [
  { name: "GRA11", datacenterLocation: "GRA", countryCode: "fr", continentCode: "EU" },
  { name: "DE1", datacenterLocation: "DE", countryCode: "de", continentCode: "EU" },
  { name: "BHS5", datacenterLocation: "BHS", countryCode: "ca", continentCode: "NA" },
].map((region) => ({
  ...region,
  ...{ availabilityZones: [], ipCountries: [], services: [], status: "UP", type: "region" },
}));

const sizes = [
  { name: "d2-2", vcpus: 1, ram: 2000, disk: 25 },
  { name: "d2-4", vcpus: 2, ram: 4000, disk: 50 },
  { name: "d2-8", vcpus: 4, ram: 8000, disk: 50 },
  { name: "b3-8", vcpus: 2, ram: 8000, disk: 50 },
  { name: "b3-16", vcpus: 4, ram: 16000, disk: 100 },
];

/** An id that is another one in each region, as those of OVHcloud are. */
const idOf = (kind: number, region: string, index: number) =>
  `${kind}${index}${Buffer.from(region).toString("hex").padEnd(30, "0")}`.slice(0, 32);

/** `quota` is how many more of it the project may have. */
export const flavors = regions.flatMap(({ name: region }) =>
  sizes.map((size, index) => ({
    ...size,
    ...{ id: idOf(1, region, index), region, available: true, osType: "linux", type: "ovh.vps-ssd", quota: 20 },
    capabilities: [{ name: "resize" as const, enabled: true }],
    planCodes: { hourly: `${size.name}.consumption` },
    ...{ inboundBandwidth: 250, outboundBandwidth: 250 },
  })),
);

export const images = regions.flatMap(({ name: region }) =>
  ["Debian 11", "Debian 12", "Debian 12 - UEFI", "Ubuntu 24.04"].map((name, index) => ({
    ...{ id: idOf(2, region, index), name, region, status: "active", visibility: "public", type: "linux" },
    ...{ user: "debian", size: 2, minDisk: 0, minRam: 0, creationDate: "2026-06-01T08:00:00Z" },
  })),
);
