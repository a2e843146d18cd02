import { describe, expect, test } from "vitest";
import { missingFields, providerInput, standingOf } from "#hub/console/providers/provider-words.ts";
import { formatShare, parseWeight, sharesOf } from "#hub/console/providers/shares.ts";
import { providerKinds } from "#hub/providers/index.ts";
import type { ProviderView } from "#shared/api/providers.ts";
import { formFieldsOf } from "#shared/form-fields.ts";

const kind = providerKinds.find(({ name }) => name === "ovh");
const ovh = (changed: Partial<ProviderView> = {}): ProviderView => ({
  ...{ name: "ovh", title: "OVHcloud", enabled: true, configured: true, weight: 10, lacks: [] },
  form: kind === undefined ? [] : formFieldsOf(kind.Credentials, kind.secrets),
  credentials: { platform: "ca", applicationKey: "key", project: "abc" },
  secrets: ["applicationSecret", "consumerKey"],
  checkedAt: 1,
  defaultSizes: { t1: "a", t2: "b", t3: "c" },
  defaultRegion: "GRA11",
  ...changed,
});

describe("shares", () => {
  const weighed = (name: string, weight: number, enabled = true) => ({ name, title: name, weight, enabled });

  test("are of those that get orders, and of what is typed before it is saved", () => {
    const all = [weighed("a", 10), weighed("b", 30), weighed("c", 60, false), weighed("d", 0)];
    expect(sharesOf(all)).toEqual([
      { name: "b", title: "b", percent: 75 },
      { name: "a", title: "a", percent: 25 },
    ]);
    expect(sharesOf(all, { a: 30 }).map(({ percent }) => percent)).toEqual([50, 50]);
    expect(sharesOf(all, { a: 0, b: 0 })).toEqual([]);
    expect(sharesOf([])).toEqual([]);
  });

  test("are written with what counts of them", () => {
    expect([40, 100 / 3, 0.05, 0, 100].map(formatShare)).toEqual(["40 %", "33.3 %", "< 0.1 %", "0 %", "100 %"]);
  });

  test.each([
    ["0", 0],
    [" 40 ", 40],
    ["1000", 1000],
    ["1001", undefined],
    ["-1", undefined],
    ["4.5", undefined],
    ["1e3", undefined],
    ["", undefined],
    ["٤", undefined],
  ])("take a weight of %j as %j", (text, weight) => {
    expect(parseWeight(text)).toBe(weight);
  });
});

test("how it stands is the worst that is known, in a word", () => {
  const word = (changed: Partial<ProviderView>) => standingOf(ovh(changed)).word;
  expect(word({})).toBe("Ready");
  expect(word({ enabled: false })).toBe("Switched off");
  expect(word({ weight: 0 })).toBe("No share");
  expect(word({ checkedAt: undefined })).toBe("Not checked");
  expect(word({ configured: false, enabled: false })).toBe("Not set up");
  expect(word({ enabled: false, problem: { code: "provider_credentials", message: "no" } })).toBe("Not working");
});

describe("what the hub is told of a provider", () => {
  const draft = (credentials: Record<string, string>) => ({ enabled: true, weight: 7, credentials });

  test("has no credentials in it when nothing was typed", () => {
    const same = { platform: "ca", applicationKey: "key", project: "abc", applicationSecret: "", consumerKey: "" };
    expect(providerInput(ovh(), draft(same))).toEqual({ enabled: true, weight: 7 });
  });

  test("has all that is no secret with the first that changed, and of the secrets what was typed", () => {
    const changed = {
      platform: "eu",
      applicationKey: "key",
      project: "abc",
      applicationSecret: "",
      consumerKey: "new",
    };
    expect(providerInput(ovh(), draft(changed)).credentials).toEqual({
      ...{ platform: "eu", applicationKey: "key", project: "abc", consumerKey: "new" },
    });
  });

  test("needs what is required and not set", () => {
    expect(missingFields(ovh(), { applicationKey: "key", project: "" })).toEqual(["project"]);
    expect(missingFields(ovh({ secrets: [] }), { applicationKey: "key", project: "abc" })).toEqual([
      "applicationSecret",
      "consumerKey",
    ]);
  });
});

test("a form offers a choice where its schema has one", () => {
  const platform = ovh().form.find(({ name }) => name === "platform");
  expect(platform).toEqual({
    ...{ name: "platform", secret: false, required: false, default: "eu" },
    options: ["eu", "ca", "us"],
  });
});
