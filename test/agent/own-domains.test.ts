import { beforeEach, describe, expect, it } from "vitest";
import { createOwnDomains, type OwnDomains } from "#agent/own-domains.ts";
import { openStore } from "#agent/store/database.ts";
import { createSettings } from "#agent/store/settings.ts";

const HERE = ["192.0.2.1", "2001:db8::1"];
const NAME = "notes.example.net";

describe("names that do not belong to the beacon", () => {
  let answers: Record<string, string[] | undefined>;
  let asked: string[];
  let open: () => OwnDomains;

  beforeEach(() => {
    const settings = createSettings(openStore(":memory:"));
    answers = { "ada.example.org": HERE };
    asked = [];
    const lookUp = async (host: string) => {
      asked.push(host);
      return answers[host];
    };
    open = () => createOwnDomains({ domain: "ada.example.org", lookUp, settings });
  });

  it.each([
    ["both addresses", HERE, undefined],
    ["one of them", ["2001:db8::1"], undefined],
    ["one here and one elsewhere", ["192.0.2.1", "198.51.100.1"], { found: ["192.0.2.1", "198.51.100.1"] }],
    ["another server", ["198.51.100.1"], { found: ["198.51.100.1"] }],
    ["nowhere", [], { found: [] }],
    ["nobody knows where", undefined, {}],
  ])("lead here by all of their addresses: %s", async (_what, found, elsewhere) => {
    answers[NAME] = found;
    const domains = open();
    await domains.check(["notes.ada.example.org", "ada.example.org", NAME]);
    expect(asked.toSorted()).toEqual(["ada.example.org", NAME]);
    expect(domains.elsewhere(NAME)).toEqual(elsewhere && { ...elsewhere, expected: HERE });
    expect(domains.isWaiting()).toBe(elsewhere !== undefined);
    expect(domains.elsewhere("notes.ada.example.org")).toBeUndefined();
  });

  it("lead elsewhere while nobody knows where the beacon is, or before they are looked up", async () => {
    answers = { [NAME]: ["192.0.2.1"] };
    const domains = open();
    expect(domains.elsewhere(NAME)).toEqual({ expected: [] });
    await domains.check([NAME]);
    expect(domains.elsewhere(NAME)).toEqual({ found: ["192.0.2.1"], expected: [] });
  });

  it("are looked up again only when that is asked for, and not once they led here", async () => {
    answers[NAME] = [];
    const domains = open();
    await domains.check([NAME]);
    answers[NAME] = HERE;
    await domains.check([NAME]);
    expect(domains.elsewhere(NAME)).toBeDefined();
    await domains.check([NAME], "again");
    expect(domains.elsewhere(NAME)).toBeUndefined();
    answers[NAME] = undefined;
    asked = [];
    await domains.check([NAME], "again");
    expect([asked, domains.elsewhere(NAME)]).toEqual([[], undefined]);
    const later = open();
    await later.check([NAME], "again");
    expect([asked, later.elsewhere(NAME)]).toEqual([[], undefined]);
  });

  it("are forgotten with the last route that lists them", async () => {
    answers[NAME] = HERE;
    const domains = open();
    await domains.check([NAME, "gone.example.net"]);
    expect(domains.isWaiting()).toBe(true);
    await domains.check([]);
    expect(domains.isWaiting()).toBe(false);
    answers[NAME] = [];
    await domains.check([NAME]);
    expect(domains.elsewhere(NAME)).toMatchObject({ found: [] });
  });
});
