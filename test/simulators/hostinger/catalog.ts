const PRICES = { kvm1: 1399, kvm2: 1799, kvm4: 2899 };

const priceOf = (id: string, name: string, months: number, price: number) => {
  const [period, period_unit] = months === 12 ? [1, "year"] : [months, "month"];
  const suffix = months === 12 ? "1y" : `${months}m`;
  return { id: `${id}-usd-${suffix}`, name, currency: "USD", price, first_period_price: price, period, period_unit };
};

const plan = (key: keyof typeof PRICES, name: string, cpus: number, memory: number, disk: number) => {
  const id = `hostingercom-vps-${key}`;
  return {
    ...{ id, name, category: "VPS" },
    // Texts, in megabytes, as the vendor's own catalogue has them.
    metadata: {
      cpus: String(cpus),
      memory: String(memory),
      disk_space: String(disk),
      bandwidth: "4096000",
      network: "300",
    },
    prices: [
      priceOf(id, `${name} (billed every month)`, 1, PRICES[key]),
      priceOf(id, `${name} (every year)`, 12, PRICES[key] * 9),
    ],
  };
};

export const items = [
  plan("kvm1", "KVM 1", 1, 4096, 51200),
  plan("kvm2", "KVM 2", 2, 8192, 102400),
  plan("kvm4", "KVM 4", 4, 16384, 204800),
];

export const dataCenters = [
  { id: 9, name: "phx", location: "us", city: "Phoenix", continent: "North America" },
  { id: 19, name: "fra", location: "de", city: "Frankfurt", continent: "Europe" },
];

export const templates = [
  { id: 1007, name: "Ubuntu 22.04 LTS", description: "Ubuntu 22.04 LTS", documentation: "https://docs.ubuntu.com" },
  { id: 1013, name: "Debian 12", description: "Debian 12", documentation: "https://www.debian.org/doc/" },
  { id: 1121, name: "Debian 12 with Docker", description: "Debian 12", documentation: null },
];
