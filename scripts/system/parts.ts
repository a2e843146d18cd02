/** One program of the operating system that the demo or the tests use, and how it is had. */
export interface Part {
  /** How messages call it. */
  readonly title: string;
  /** Any one of these makes the part present. */
  readonly executables: readonly string[];
  /** Package that brings it, by the `ID` of os-release. A system that is not here gets the hint instead. */
  readonly packages: Readonly<Record<string, string>>;
  /** What a person does where it may not be installed for them. */
  readonly hint: string;
  /** Service that the package would start, which would hold ports for good; we start what we need ourselves. */
  readonly unit?: string;
}

const everywhere = (name: string) => ({ debian: name, ubuntu: name });

export const systemParts = {
  docker: {
    title: "Docker Engine",
    executables: ["dockerd"],
    packages: everywhere("docker.io"),
    hint: "Install Docker Engine, start it, and let this user reach /var/run/docker.sock.",
  },
  registry: {
    title: "an image registry for the stand-in images",
    executables: ["docker-registry"],
    packages: everywhere("docker-registry"),
    hint: "Install the program docker-registry (Debian has a package of that name).",
    unit: "docker-registry.service",
  },
  mmdebstrap: {
    title: "mmdebstrap, the base of the stand-in images",
    executables: ["mmdebstrap"],
    packages: everywhere("mmdebstrap"),
    hint: "Stand-in images are built on Debian and Ubuntu only, as root, with the package mmdebstrap.",
  },
  restic: {
    title: "restic",
    executables: ["restic"],
    packages: everywhere("restic"),
    hint: "Install restic.",
  },
  caddy: {
    title: "Caddy, which checks the configurations that the agent makes",
    executables: ["caddy"],
    packages: everywhere("caddy"),
    hint: "Install Caddy so that `caddy` is on the PATH.",
    unit: "caddy.service",
  },
  pebble: {
    title: "Pebble, the authority that gives the tests their certificates over ACME",
    executables: ["pebble"],
    packages: everywhere("pebble"),
    hint: "Install Pebble (https://github.com/letsencrypt/pebble) with pebble and pebble-challtestsrv on the PATH.",
  },
  poppler: {
    title: "Poppler's tools, which read the handbook",
    executables: ["pdftotext"],
    packages: everywhere("poppler-utils"),
    hint: "Install poppler-utils.",
  },
  powerdns: {
    title: "PowerDNS, which answers for the zones of the tests",
    executables: ["pdns_server"],
    // Brings the server along, which has no storage by itself.
    packages: everywhere("pdns-backend-sqlite3"),
    hint: "Install the PowerDNS authoritative server with its sqlite3 backend.",
    unit: "pdns.service",
  },
  prometheus: {
    title: "Prometheus, which reads and stores what hub and beacons tell it",
    executables: ["prometheus"],
    packages: everywhere("prometheus"),
    hint: "Install Prometheus with prometheus and promtool on the PATH.",
    unit: "prometheus.service",
  },
  faketime: {
    title: "faketime, under which an agent has a wrong clock",
    executables: ["faketime"],
    packages: everywhere("faketime"),
    hint: "Install faketime (https://github.com/wolfcw/libfaketime).",
  },
  nodeExporter: {
    title: "prometheus-node-exporter, which the agent's cost is measured against",
    executables: ["prometheus-node-exporter"],
    packages: everywhere("prometheus-node-exporter"),
    hint: "Install prometheus-node-exporter.",
    unit: "prometheus-node-exporter.service",
  },
  netdata: {
    title: "Netdata, which the agent's memory is measured against",
    executables: ["netdata"],
    packages: everywhere("netdata"),
    hint: "Install netdata.",
    unit: "netdata.service",
  },
  shellcheck: {
    title: "shellcheck, which reads the scripts that run on a new server",
    executables: ["shellcheck"],
    packages: everywhere("shellcheck"),
    hint: "Install shellcheck.",
  },
  procps: {
    title: "pgrep, which finds what tests have started",
    executables: ["pgrep"],
    packages: everywhere("procps"),
    hint: "Install procps.",
  },
  chromium: {
    title: "Chromium",
    executables: ["chromium", "chromium-browser", "google-chrome-stable"],
    // Ubuntu's package of that name only installs a snap, which does not start in a container or as root.
    packages: { debian: "chromium" },
    hint: "Install Chromium so that `chromium` is on the PATH.",
  },
} as const satisfies Record<string, Part>;

export type SystemPart = keyof typeof systemParts;

/** What the decision depends on, so that it can be tested without a machine. */
export interface World {
  /** Full path of an executable, undefined when there is none. */
  find(executable: string): string | undefined;
  /** Whether a Docker Engine answers on its socket. */
  readonly engineAnswers: boolean;
  readonly isRoot: boolean;
  /** `ID` of os-release: `debian`, `ubuntu`, …; empty where there is none. */
  readonly system: string;
}

export interface PartsPlan {
  /** Part → full path of its executable; for a running Docker Engine, which may be elsewhere, an empty text. */
  readonly present: ReadonlyMap<SystemPart, string>;
  readonly install: readonly { readonly part: SystemPart; readonly package: string }[];
  readonly missing: readonly SystemPart[];
}

/** Decides for each needed part: it is there, it can be installed here, or a person has to. Pure. */
export function planParts(needs: readonly SystemPart[], world: World): PartsPlan {
  const present = new Map<SystemPart, string>();
  const install: { part: SystemPart; package: string }[] = [];
  const missing: SystemPart[] = [];
  for (const part of new Set(needs)) {
    const { executables, packages }: Part = systemParts[part];
    const path = executables.map((executable) => world.find(executable)).find((found) => found !== undefined);
    const name = Object.hasOwn(packages, world.system) ? packages[world.system] : undefined;
    if (part === "docker" && world.engineAnswers) present.set(part, path ?? "");
    else if (path !== undefined && (part !== "docker" || world.isRoot)) present.set(part, path);
    else if (world.isRoot && name !== undefined && path === undefined) install.push({ part, package: name });
    else missing.push(part);
  }
  return { present, install, missing };
}
