// @module-tag docker
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { jobStates } from "#shared/api/hub.ts";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

test("npm run demo -- --check walks the whole way, verifies it from outside, and cleans up", {
  timeout: 600_000,
}, async () => {
  const { stdout } = await run("npm", ["run", "--silent", "demo", "--", "--check"], { cwd: root, timeout: 580_000 });

  for (const state of jobStates.filter((one) => one !== "COMPLETED")) expect(stdout).toContain(state);
  for (const app of ["umami", "vaultwarden", "element"])
    expect(stdout).toMatch(new RegExp(`✓.*${app} answers over HTTPS`));
  expect(stdout).toMatch(/✓.*metrics of the beacon flow/);
  expect(stdout).toMatch(/✓.*refuses strangers, knows its owner/);
  expect(stdout).toMatch(/✓.*one welcome mail with the handbook/);
  expect(stdout).toMatch(/✓.*Stripe simulated: nothing is paid/);
  expect(stdout).toMatch(/✓.*bought on the site, paid with a test card/);
  expect(stdout).toMatch(/✓.*customer signs in by the link in the mail/);
  expect(stdout).toMatch(/✓.*customer cancels on the portal, to the end of the month · \d{4}-\d\d-\d\d/);
  expect(stdout).toMatch(/✓.*cleaned up/);
  expect(stdout).not.toContain("✗");
});
