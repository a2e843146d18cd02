import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openChoice } from "#hub/choice.ts";
import { dnsKinds } from "#hub/dns/index.ts";
import { mailerKinds } from "#mail/index.ts";
import { dnsTools } from "./dns/dns-tools.ts";

const folder = mkdtempSync(join(tmpdir(), "wopr-choice-"));
afterAll(() => rmSync(folder, { recursive: true }));

const kinds = [
  { name: "plain", secrets: [] },
  { name: "keyed", secrets: ["apiKey", "other"] },
] as const;
const settingsOf = (choice: { kind: string; [setting: string]: unknown }) =>
  openChoice<(typeof kinds)[number], unknown>(kinds, choice, "mail", ({ name }, settings) => ({ name, settings }));

test("opens what was chosen, with each secret read from its file", () => {
  const apiKeyFile = join(folder, "key");
  writeFileSync(apiKeyFile, "  secret-key\n");
  expect(settingsOf({ kind: "keyed", url: "x", apiKeyFile })).toEqual({
    name: "keyed",
    settings: { url: "x", apiKey: "secret-key" },
  });
  expect(settingsOf({ kind: "plain", port: 1 })).toEqual({ name: "plain", settings: { port: 1 } });
});

test("a file of a setting that is no secret is left to the kind, which knows no such setting", () => {
  expect(settingsOf({ kind: "plain", apiKeyFile: "/x" })).toEqual({ name: "plain", settings: { apiKeyFile: "/x" } });
});

test.each([
  ["a kind that is not there", { kind: "Keyed" }, /mail: there is no kind Keyed/],
  ["a kind from the prototype", { kind: "constructor" }, /there is no kind/],
  ["a secret in the configuration", { kind: "keyed", apiKey: "hunter2" }, /mail: apiKey is a secret/],
  [
    "a file that is not there",
    { kind: "keyed", apiKeyFile: "/nowhere/key" },
    /mail.apiKeyFile: the file \/nowhere\/key/,
  ],
  ["a file without a full path", { kind: "keyed", apiKeyFile: "key" }, /mail.apiKeyFile: expected the full path/],
])("refuses %s, without a word of what it is", (_what, choice, message) => {
  expect(() => settingsOf(choice)).toThrow(message);
  expect(() => settingsOf(choice)).not.toThrow(/hunter2/);
});

test("what is missing or wrong is told with the name of the member that wants it", () => {
  const mailer = (choice: { kind: string; [setting: string]: unknown }) =>
    openChoice(mailerKinds, choice, "mail", (kind, settings) => kind.open(settings, { publicHost: "hub" }));
  expect(mailer({ kind: "smtp", host: "127.0.0.1", from: "hub@example.org" }).name).toBe("smtp");
  expect(() => mailer({ kind: "mailgun", from: "hub@example.org", region: "mars" })).toThrow(
    /the settings of the mailer mailgun is not valid: domain: .*region: .*apiKey: /,
  );
  const dns = (choice: { kind: string; [setting: string]: unknown }) =>
    openChoice(dnsKinds, choice, "dns", (kind, credentials) => kind.open(credentials, dnsTools()));
  expect(dns({ kind: "loopback" }).name).toBe("loopback");
  expect(() => dns({ kind: "cloudflare" })).toThrow(
    /the credentials of the DNS backend cloudflare is not valid: apiToken/,
  );
});
