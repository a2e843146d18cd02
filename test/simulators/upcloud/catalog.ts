/** As recorded: https://github.com/UpCloudLtd/upcloud-go-api, upcloud/service/fixtures/getplans.yaml */
export const plans = [
  { name: "1xCPU-1GB", core_number: 1, memory_amount: 1024, storage_size: 25 },
  { name: "2xCPU-4GB", core_number: 2, memory_amount: 4096, storage_size: 80 },
  { name: "4xCPU-8GB", core_number: 4, memory_amount: 8192, storage_size: 160 },
  { name: "6xCPU-16GB", core_number: 6, memory_amount: 16384, storage_size: 320 },
].map((plan) => ({ ...plan, public_traffic_out: plan.memory_amount, storage_tier: "maxiops" }));

/** As recorded; one of them is for its owner alone. */
export const zones = [
  { id: "de-fra1", description: "Frankfurt #1", public: "yes" },
  { id: "fi-hel1", description: "Helsinki #1", public: "yes" },
  { id: "us-nyc1", description: "New York #1", public: "yes" },
  { id: "uk-tst1", description: "Test Cloud #1", public: "no" },
];

const template = (number: string, title: string, template_type: "native" | "cloud-init") => ({
  uuid: `01000000-0000-4000-8000-0000${number}`,
  ...{ title, template_type, access: "public", license: 0, size: 4, state: "online", type: "template" },
});

/** Ids of public templates are the same in all accounts. */
export const templates = [
  template("20060100", "Debian GNU/Linux 11 (Bullseye)", "cloud-init"),
  template("20070100", "Debian GNU/Linux 12 (Bookworm)", "cloud-init"),
  template("30240200", "Ubuntu Server 24.04 LTS (Noble Numbat)", "cloud-init"),
];
