import { describe, expect, it } from "vitest";
import { newId } from "#hub/id.ts";
import { cancelledTagOf, labelsIn, tagOf } from "#hub/providers/vendor/labels-in-name.ts";
import { beaconIdOf } from "#hub/provisioning/derived-ids.ts";

describe("labels in a name", () => {
  const ids = [beaconIdOf("job_1"), newId("beacon")];

  it.each(ids)("come out of it as they went in, whatever else is in it: %s", (beacon) => {
    for (const round of ["0", "7", "42"]) {
      const labels = { "wopr-beacon": beacon, "wopr-round": round };
      const tag = tagOf(labels);
      expect(tag).toMatch(/^[a-z0-9-]{1,63}$/);
      for (const name of [tag, `ada.${tag}`, `ada (${tag})`, `${tag}.wopr.internal`])
        expect(labelsIn(name)).toEqual(labels);
    }
  });

  it.each([
    ["srv17923.hstgr.cloud"],
    ["wopr-r0-"],
    ["wopr-r0-zzzzzzzz"],
    ["wopr-rx-0123456789abcdef"],
    ["my-wopr-r0-0123456789abcdef"],
    ["wopr-r0-0123456789abcdef-mine"],
    [""],
  ])("are not in %s", (name) => {
    expect(labelsIn(name)).toBeUndefined();
  });

  it("are in no name of what was cancelled", () => {
    for (const beacon of ids) {
      const name = cancelledTagOf({ "wopr-beacon": beacon, "wopr-round": "0" });
      expect(name).toContain(beacon.replace("beacon_", ""));
      expect(labelsIn(name)).toBeUndefined();
      expect(name.length).toBeLessThanOrEqual(63);
    }
  });

  it("are refused where they would not come out again", () => {
    expect(() => tagOf({ "wopr-beacon": "somebody else", "wopr-round": "0" })).toThrow("cannot be written as a name");
  });
});
