import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { caddyConfig } from "#shared/caddy/config.ts";
import { freePort, RealCaddy } from "../shared/caddy/real-caddy.ts";

/** In CI a Pebble that is missing is a failure, elsewhere the tests that need one are skipped. */
export const hasPebble = process.env.CI === "true" || isThere();

function isThere(): boolean {
  try {
    execFileSync("which", ["pebble", "pebble-challtestsrv"]);
    return true;
  } catch {
    return false;
  }
}

/** It gives no certificate for names under this one. */
export const refusedDomain = "refused.example.test";

/** An authority that speaks ACME and gives certificates to whoever answers its challenge over http. */
export interface Pebble {
  readonly directory: string;
  /** Roots of its own certificate. */
  readonly rootsFile: string;
  /** `address:port` of the DNS server that it asks. */
  readonly dnsServer: string;
  /** Has a host name lead to this address, and no other. */
  setAddress(host: string, address: string): Promise<void>;
  /** Roots of the certificates that it gives, in PEM. */
  issuerRoots(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * To it, every host name is on this machine until it is told otherwise. Challenges over TLS go to a port where nobody is, so that only the one over
 * http can be met. https://github.com/letsencrypt/pebble
 */
export async function startPebble({ httpPort }: { httpPort: number }): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), "wopr-pebble-"));
  const [api, management, dns, dnsManagement, nobody] = await Promise.all(Array.from({ length: 5 }, freePort));
  const own = await ownCertificate(folder);
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${api}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: own.certificate,
      privateKey: own.key,
      httpPort,
      tlsPort: nobody,
      domainBlocklist: [refusedDomain],
    },
  };
  const configFile = join(folder, "pebble.json");
  writeFileSync(configFile, JSON.stringify(config));
  const names = spawn(
    "pebble-challtestsrv",
    ["-management", `127.0.0.1:${dnsManagement}`, "-dns01", `127.0.0.1:${dns}`, "-defaultIPv6", ""].concat([
      "-http01",
      "",
      "-https01",
      "",
      "-tlsalpn01",
      "",
    ]),
    { stdio: "ignore" },
  );
  const env = { PATH: process.env.PATH, PEBBLE_VA_NOSLEEP: "1" };
  const pebble = spawn("pebble", ["-config", configFile, "-dnsserver", `127.0.0.1:${dns}`], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    pebble.stdout.setEncoding("utf8").on("data", (line) => {
      if (line.includes("ACME directory available")) resolve();
    });
    for (const child of [pebble, names]) child.once("error", reject).once("exit", () => reject(new Error("it ended")));
  });
  return {
    directory: `https://localhost:${api}/dir`,
    rootsFile: own.roots,
    dnsServer: `127.0.0.1:${dns}`,
    setAddress: async (host, address) => {
      for (const [path, body] of [
        ["/clear-a", { host }],
        ["/add-a", { host, addresses: [address] }],
      ] as const) {
        const answer = await fetch(`http://127.0.0.1:${dnsManagement}${path}`, {
          method: "POST",
          body: JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(`the DNS server of the test answers ${answer.status}`);
      }
    },
    issuerRoots: () => read(`https://localhost:${management}/roots/0`),
    stop: async () => {
      for (const child of [pebble, names]) {
        if (child.exitCode !== null) continue;
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await own.remove();
      rmSync(folder, { recursive: true });
    },
  };
}

/** For `localhost`, from the authority inside a Caddy. */
async function ownCertificate(folder: string) {
  const beacon = {
    domain: "localhost",
    address: "127.0.0.1",
    httpPort: 80,
    httpsPort: 443,
    certificates: "internal",
    caddyDirectory: folder,
  } as const;
  const caddy = new RealCaddy({ http: await freePort(), https: await freePort() });
  await caddy.run(caddyConfig({ beacon, instances: [] }), (log) => log.includes("certificate obtained successfully"));
  const data = join(caddy.folder, "caddy");
  return {
    certificate: join(data, "certificates/local/localhost/localhost.crt"),
    key: join(data, "certificates/local/localhost/localhost.key"),
    roots: join(data, "pki/authorities/local/root.crt"),
    remove: () => caddy.stop(),
  };
}

async function read(url: string): Promise<string> {
  const [incoming] = await once(request(url, { rejectUnauthorized: false, agent: false }).end(), "response");
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
  return text;
}
