import { expect, it } from "vitest";
import { parseCertificateLog } from "#agent/certificate-log.ts";

const line = (fields: Record<string, unknown>) => JSON.stringify({ level: "info", ts: 1_800_000_000.25, ...fields });
const at = 1_800_000_000_250;
const failed = { level: "error", msg: "could not get certificate from issuer", error: "HTTP 403", issuer: "acme" };
const obtained = { msg: "certificate obtained successfully" };

it("keeps what happened last to each host", () => {
  const log = [
    line({ ...failed, identifier: "a.example.org" }).slice(20),
    line({ ...failed, identifier: "b.example.org" }),
    line({ ...obtained, identifier: "c.example.org" }),
    line({ ...obtained, identifier: "b.example.org" }),
    line({ ...failed, identifier: "c.example.org", error: "x".repeat(1000) }),
    line({ msg: "obtaining certificate", identifier: "c.example.org" }),
    line({ msg: "certificate renewed successfully", identifier: "d.example.org" }),
    line({ level: "error", msg: "will retry", error: "HTTP 403", attempt: 1 }),
    "",
  ].join("\n");
  expect(Object.fromEntries(parseCertificateLog(log))).toEqual({
    "b.example.org": { at },
    "c.example.org": { at, failure: { at, reason: "x".repeat(300) } },
    "d.example.org": { at },
  });
});

it("finds nothing in what is no log", () => {
  expect(parseCertificateLog("").size).toBe(0);
  expect(parseCertificateLog('null\n{"level":1}\n[').size).toBe(0);
});
