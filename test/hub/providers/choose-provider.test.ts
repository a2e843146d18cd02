import { describe, expect, test } from "vitest";
import { chooseProvider, defaultWeights, type Offer, type Owed } from "#hub/providers/choose-provider.ts";

const usual: Offer[] = Object.entries(defaultWeights).map(([provider, weight]) => ({ provider, weight }));

/** Chooses so many times, one after the other. */
function choose(offers: readonly Offer[], times: number, start: Owed = {}) {
  let owed = start;
  const chosen: string[] = [];
  for (let time = 0; time < times; time++) {
    const choice = chooseProvider(offers, owed);
    if (choice === undefined) throw new Error("nobody was chosen");
    owed = choice.owed;
    chosen.push(choice.provider);
  }
  return { chosen, owed };
}

const countOf = (chosen: readonly string[], provider: string) => chosen.filter((one) => one === provider).length;

/** The farthest that anybody is from their share at any moment. */
function farthestOff(offers: readonly Offer[], chosen: readonly string[]): number {
  const total = offers.reduce((sum, { weight }) => sum + weight, 0);
  const counts = new Map(offers.map(({ provider }) => [provider, 0]));
  let farthest = 0;
  for (const [index, provider] of chosen.entries()) {
    counts.set(provider, (counts.get(provider) ?? 0) + 1);
    for (const offer of offers) {
      const share = ((index + 1) * offer.weight) / total;
      farthest = Math.max(farthest, Math.abs((counts.get(offer.provider) ?? 0) - share));
    }
  }
  return farthest;
}

describe("the choice of a provider", () => {
  test("goes round evenly", () => {
    expect(choose(usual, 10).chosen).toEqual([
      ...["hetzner", "digitalocean", "linode", "hetzner", "ovh"],
      ...["upcloud", "hetzner", "digitalocean", "linode", "hetzner"],
    ]);
  });

  test("is never off the weights by more than one, at any of 1,000 orders", () => {
    const { chosen } = choose(usual, 1000);
    expect(farthestOff(usual, chosen)).toBeLessThanOrEqual(1);
    expect(usual.map(({ provider }) => countOf(chosen, provider))).toEqual([400, 200, 200, 100, 100]);
  });

  test.each([[[1, 1]], [[99, 1]], [[7, 5, 3]], [[40, 20, 20, 10, 10, 5, 1]], [[1000, 1, 1]]])(
    "gives everybody exactly their share in a whole round of %j",
    (weights) => {
      const offers = weights.map((weight, index) => ({ provider: `p${index}`, weight }));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const { chosen, owed } = choose(offers, total);
      expect(offers.map(({ provider }) => countOf(chosen, provider))).toEqual(weights);
      expect(Object.values(owed)).toEqual(weights.map(() => 0));
      expect(farthestOff(offers, chosen)).toBeLessThanOrEqual(1);
    },
  );

  test("gives nothing to those without a weight, and tells when nobody is left", () => {
    const offers = [
      { provider: "contabo", weight: 0 },
      { provider: "linode", weight: 1 },
    ];
    expect(choose(offers, 5).chosen).toEqual(Array(5).fill("linode"));
    expect(chooseProvider(offers, {}, ["linode"])).toBeUndefined();
    expect(chooseProvider([], {})).toBeUndefined();
  });

  test("passes over who has nothing for an order, who is owed no more for it afterwards", () => {
    const before = choose(usual, 3).owed;
    const choice = chooseProvider(usual, before, ["hetzner"]);
    expect(choice?.provider).not.toBe("hetzner");
    expect(choice?.owed.hetzner).toBe(before.hetzner);
    const sum = Object.values(choice?.owed ?? {}).reduce((all, one) => all + one, 0);
    expect(sum).toBe(0);
    expect(chooseProvider(usual, choice?.owed ?? {})?.provider).toBe("hetzner");
  });

  test("goes on by new weights, without a run of orders for anybody", () => {
    const { owed } = choose(usual, 7);
    const changed = [...usual.filter(({ provider }) => provider !== "hetzner"), { provider: "contabo", weight: 30 }];
    const { chosen } = choose(changed, 900, owed);
    for (const { provider, weight } of changed) {
      expect(Math.abs(countOf(chosen, provider) - (900 * weight) / 90)).toBeLessThanOrEqual(2);
    }
  });

  test("changes nothing that it was given", () => {
    const owed = Object.freeze({ hetzner: 3 });
    expect(chooseProvider(Object.freeze(usual), owed)).toEqual(chooseProvider(usual, { hetzner: 3 }));
  });
});
