import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCertificates } from "#agent/certificates.ts";
import { caddyConfig, certificateLogFile } from "#shared/caddy/config.ts";
import { caddyBinaries, hasCaddy, RealCaddy } from "../shared/caddy/real-caddy.ts";

const HOST = "notes.ada.example.org";
const UNKNOWN = "nobody.ada.example.org";

describe.skipIf(!hasCaddy).each(caddyBinaries)("certificates that %s shows", (binary) => {
  let caddy: RealCaddy;
  beforeAll(async () => {
    const beacon = {
      domain: "ada.example.org",
      address: "127.0.0.1",
      httpPort: 80,
      httpsPort: 443,
      certificates: "internal",
      caddyDirectory: "/unused",
    } as const;
    const route = { host: HOST, path: "/", alias: "127.0.0.1", port: 1 };
    caddy = await RealCaddy.start(caddyConfig({ beacon, instances: [{ instance: "notes", routes: [route] }] }), binary);
  });
  afterAll(() => caddy?.stop());

  const lookAt = (hosts: readonly string[], more = {}) =>
    createCertificates({
      hosts: () => hosts,
      address: "0.0.0.0",
      port: caddy.httpsPort,
      logFile: join(caddy.folder, certificateLogFile),
      now: Date.now,
      ...more,
    });

  it("are told with their authority and their time; of others it is told that there is none", async () => {
    const [none, shown] = await lookAt([HOST, UNKNOWN, HOST])();
    expect(none).toEqual({ host: UNKNOWN });
    expect(shown).toMatchObject({
      host: HOST,
      certificate: { issuer: expect.stringContaining("Caddy Local Authority") },
    });
    expect(shown?.certificate?.notBefore).toBeLessThan(Date.now());
    expect(shown?.certificate?.notAfter).toBeGreaterThan(Date.now());
  });

  it("are told of a Caddy without a log", async () => {
    const log = join(caddy.folder, certificateLogFile);
    rmSync(log);
    expect(await lookAt([HOST])()).toMatchObject([{ host: HOST, certificate: {} }]);
  });

  it("stay as they were while Caddy is away, and a name that leads elsewhere is not asked for", async () => {
    let [hosts, time] = [[HOST], Date.now()];
    const elsewhere = { expected: [] };
    const options = {
      now: () => time,
      hosts: () => hosts,
      elsewhere: (host: string) => (host === UNKNOWN ? elsewhere : undefined),
    };
    const look = lookAt([], options);
    const before = await look();
    expect(before).toMatchObject([{ certificate: {} }]);
    await caddy.kill();
    // It is believed for an hour.
    expect(await look()).toEqual(before);
    hosts = [HOST, UNKNOWN];
    expect(await look()).toEqual([{ host: UNKNOWN, elsewhere }, ...before]);
    time += 3_600_000;
    hosts = [HOST];
    expect(await look()).toEqual([{ host: UNKNOWN, elsewhere }, ...before]);
    expect(await lookAt([HOST])()).toEqual([]);
  });
});
