import { describe, expect, it } from "vitest";
import { countSecurityUpdates, createSecurityUpdates } from "#agent/host/security-updates.ts";
import { createHostFiles } from "#agent/metrics/host-files.ts";
import { rarely } from "#agent/metrics/rarely.ts";
import { createSlowMeter } from "#agent/metrics/slow.ts";
import { recordLog } from "../silent-log.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("rarely", () => {
  it("gives what was found last, and finds it again when that is old", async () => {
    let found = 0;
    const meter = rarely(
      async () => ({ count: ++found }),
      1000,
      () => undefined,
    );
    expect(meter(0)).toEqual({});
    await settled();
    expect(meter(999)).toEqual({ count: 1 });
    expect(meter(1000)).toEqual({ count: 1 });
    await settled();
    expect(meter(1001)).toEqual({ count: 2 });
  });

  it("keeps what it knows when an attempt fails", async () => {
    const errors: unknown[] = [];
    const answers = [
      () => ({ count: 1 }),
      () => {
        throw new Error("away");
      },
    ];
    const meter = rarely(
      async () => answers.shift()?.() ?? {},
      10,
      (error) => errors.push(error),
    );
    meter(0);
    await settled();
    meter(10);
    await settled();
    expect(meter(11)).toEqual({ count: 1 });
    expect(errors).toEqual([new Error("away")]);
  });
});

describe("security updates", () => {
  it("counts what comes from an archive of security updates, on Debian and Ubuntu", () => {
    const simulated = `Reading package lists...
Inst base-files [12.4+deb12u11] (12.4+deb12u15 Debian:12.15/oldstable [amd64])
Inst libgcrypt20 [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])
Inst liblzma-dev [5.4.1-1] (5.4.1-1+deb12u2 Debian-Security:12/oldstable-security [amd64]) []
Inst libssl3t64 [3.0.13-0ubuntu3.4] (3.0.13-0ubuntu3.5 Ubuntu:24.04/noble-updates, Ubuntu:24.04/noble-security [amd64])
Conf libgcrypt20 (1.10.1-3+deb12u1 Debian-Security:12/oldstable-security [amd64])
`;
    expect(countSecurityUpdates(simulated)).toBe(3);
  });

  it("asks the package manager of this machine", async () => {
    expect(await createSecurityUpdates(createHostFiles())()).toBeGreaterThanOrEqual(0);
  });

  it("says nothing where there is no apt", async () => {
    expect(await createSecurityUpdates({ ...createHostFiles(), exists: () => false })()).toBeUndefined();
  });

  it("runs it again only once the lists or what is installed has changed, and after it failed", async () => {
    const changed = new Map([["/var/lib/apt/lists", 1]]);
    const files = { ...createHostFiles(), exists: () => true, modifiedAt: (path: string) => changed.get(path) };
    let runs = 0;
    let fails = true;
    const updates = createSecurityUpdates(files, async () => {
      runs += 1;
      if (fails) throw new Error("the package manager is locked");
      return runs;
    });
    await expect(updates()).rejects.toThrow("locked");
    fails = false;
    expect([await updates(), await updates(), await updates()]).toEqual([2, 2, 2]);
    changed.set("/var/lib/dpkg/status", 5);
    expect([await updates(), await updates()]).toEqual([3, 3]);
    changed.set("/var/lib/apt/lists", 2);
    expect([await updates(), await updates()]).toEqual([4, 4]);
  });
});

describe("the slow meter", () => {
  it("gives each thing once it is known, and the others while one fails", async () => {
    const { log, lines } = recordLog();
    const diskUse = async () => Promise.reject(new Error("away"));
    const meter = createSlowMeter({ diskUse, securityUpdates: async () => 2, log });
    expect(await meter(0)).toEqual({});
    await settled();
    expect(await meter(1)).toEqual({ security_updates_count: 2 });
    expect(lines).toHaveLength(1);
  });
});
