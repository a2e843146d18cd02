import { expect, test } from "vitest";
import { canonicalAddress, planRecordSets, type RecordSet } from "#hub/dns/zone/record-sets.ts";

const domain = "ada.example.org";
const set = (name: string, type: RecordSet["type"], ...values: string[]): RecordSet => ({ name, type, values });

test("where nothing is, both names get a set of each type that there are addresses of", () => {
  expect(planRecordSets(domain, ["2001:db8::1", "192.0.2.2", "192.0.2.1"], [])).toEqual([
    { name: domain, type: "A", had: undefined, want: ["192.0.2.1", "192.0.2.2"] },
    { name: domain, type: "AAAA", had: undefined, want: ["2001:db8::1"] },
    { name: `*.${domain}`, type: "A", had: undefined, want: ["192.0.2.1", "192.0.2.2"] },
    { name: `*.${domain}`, type: "AAAA", had: undefined, want: ["2001:db8::1"] },
  ]);
});

test("what is right already is left out, in whatever order and spelling", () => {
  const seen = [
    set(domain, "A", "192.0.2.2", "192.0.2.1"),
    set(`*.${domain}`, "A", "192.0.2.1", "192.0.2.2"),
    set(domain, "AAAA", "2001:db8::1"),
    set(`*.${domain}`, "AAAA", "2001:db8::1"),
  ];
  expect(planRecordSets(domain, ["192.0.2.1", "2001:0DB8::0:1", "192.0.2.2", "192.0.2.1"], seen)).toEqual([]);
});

test("what is not wanted any more goes, and is told with what it had", () => {
  const had = set(`*.${domain}`, "AAAA", "2001:db8::1");
  expect(planRecordSets(domain, [], [had])).toEqual([{ name: `*.${domain}`, type: "AAAA", had, want: [] }]);
});

test("a set that has one address twice is not the set that has it once", () => {
  const had = set(domain, "A", "192.0.2.1", "192.0.2.1");
  expect(planRecordSets(domain, ["192.0.2.1"], [had, set(`*.${domain}`, "A", "192.0.2.1")])).toEqual([
    { name: domain, type: "A", had, want: ["192.0.2.1"] },
  ]);
});

test("sets of other names are nobody's business here", () => {
  expect(
    planRecordSets(domain, [], [set(`x${domain}`, "A", "192.0.2.1"), set("example.org", "A", "192.0.2.1")]),
  ).toEqual([]);
});

test.each([
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["192.0.2.1", "192.0.2.1"],
])("%s is written as %s", (address, canonical) => expect(canonicalAddress(address)).toBe(canonical));
