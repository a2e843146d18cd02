import { describe, expect, it } from "vitest";
import { parseBeaconName, parseEmail } from "#hub/shop/sign-up.ts";
import { BeaconName } from "#shared/api/hub.ts";

describe("a beacon's name", () => {
  it.each([
    ["ada", "ada"],
    ["  Ada-42 ", "ada-42"],
    ["4711", "4711"],
    ["a".repeat(40), "a".repeat(40)],
  ])("is taken from %j", (typed, name) => {
    expect(parseBeaconName(typed)).toEqual({ name });
    expect(BeaconName.parse(name)).toBe(name);
  });

  it.each([
    ["nothing", "", /Give your server a name/],
    ["two letters", "ab", /three letters/],
    ["too many", "a".repeat(41), /forty/],
    ["Cyrillic that looks Latin", "pаypal", /“а” cannot be in the name/],
    ["the Kelvin sign, which is k in lower case", "\u212Aelvin", /cannot be in the name/],
    ["a fullwidth letter", "ａda", /cannot be in the name/],
    ["something that is not seen", "ad\u200Ba", /cannot be in the name/],
    ["letters that run the other way", "\u202Eada", /cannot be in the name/],
    ["an emoji", "ada🙂", /“🙂” cannot be in the name/],
    ["a NUL", "ada\u0000", /cannot be in the name/],
    ["an encoded name", "xn--ada-9ma", /third and fourth place/],
    ["another encoding", "ab--cd", /third and fourth place/],
    ["a domain", "ada.example.org", /without dots or slashes/],
    ["a path", "../../etc/passwd", /without dots or slashes/],
    ["an encoded path", "..%2fetc", /without dots or slashes/],
    ["a path of another system", "..\\ada", /without dots or slashes/],
    ["a place in another", "ada@bob", /without dots or slashes/],
    ["a space", "ada lovelace", /no spaces/],
    ["a hyphen at its end", "ada-", /Begin and end/],
    ["a hyphen at its beginning", "-ada", /Begin and end/],
    ["an underscore", "ada_l", /a to z, 0 to 9 and hyphens/],
    ["markup", "<b>ada</b>", /without dots or slashes/],
  ])("is not %s", (_what, typed, why) => {
    expect(parseBeaconName(typed)).toEqual({ wrong: expect.stringMatching(why) });
  });

  it.each(["xn--ada-9ma", "ab--cd", "Ada", "a.b.c", "ab", "ada-"])("is not %s over the API either", (name) => {
    expect(BeaconName.safeParse(name).success).toBe(false);
  });
});

describe("an e-mail address", () => {
  it("is taken without the spaces around it", () => {
    expect(parseEmail(" ada@example.org ")).toEqual({ email: "ada@example.org" });
  });

  it.each(["", "ada", "ada@", "@example.org", "ada@example.org, bob@example.org", `a@${"b".repeat(250)}.org`])(
    "is not %j",
    (typed) => expect(parseEmail(typed)).toHaveProperty("wrong"),
  );
});
