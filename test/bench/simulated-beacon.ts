import {
  containerSeries,
  containerSeriesName,
  diskSeries,
  diskSeriesName,
  hostSeries,
} from "#shared/metrics/sample.ts";

/** Of a container, as an engine without limits and checks gives them. */
const perContainer = containerSeries.filter((name) => name !== "memory_limit_bytes" && name !== "healthy_count");
const hosts = [
  ...hostSeries,
  ...["/", "/var"].flatMap((mount) => diskSeries.map((name) => diskSeriesName(mount, name))),
  ...["coretemp 0", "coretemp 1", "nvme"].map((sensor) => `temperature/${sensor}/celsius`),
];

/** As a beacon with so many containers names what it measures. */
export const seriesNames = (containers: number): string[] => [
  ...hosts,
  ...Array.from({ length: containers }, (_name, index) =>
    perContainer.map((name) => containerSeriesName(`app${index}`, "web", name)),
  ).flat(),
];

/** Some reports' worth of values, as JSON: shares, counts and bytes, in the digits that an agent sends. */
export const valuesTexts = (containers: number): string[] =>
  Array.from({ length: 32 }, (_text, nth) =>
    JSON.stringify(
      seriesNames(containers).map((name, place) => {
        const wave = 1 + Math.sin(nth + place);
        return Number((name.includes("bytes") ? wave * 123_456_789 : wave * 50).toPrecision(7));
      }),
    ),
  );

export const inventoryText = (containers: number): string =>
  JSON.stringify({
    at: Date.now(),
    agentVersion: "0.1.0",
    host: {
      ...{ hostname: "simulated", system: "Debian GNU/Linux 12", kernel: "6.1.0", architecture: "x64" },
      ...{ cpuModel: "none", cores: 2, memoryBytes: 4e9, diskBytes: 8e10 },
    },
    domain: "simulated.localhost",
    instances: Array.from({ length: containers }, (_instance, index) => ({
      name: `app${index}`,
      module: "page",
      version: "1.0.0",
      state: "running",
      core: false,
      title: "A page",
      services: [{ name: "web", image: "docker.io/library/caddy:2", state: "running", health: "healthy" }],
      urls: [`https://app${index}.simulated.localhost`],
      parameters: {},
    })),
    dashboardUrl: "https://simulated.localhost",
    certificates: [],
  });
