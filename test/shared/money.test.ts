import { expect, test } from "vitest";
import { formatMoney } from "#shared/money.ts";

test.each([
  [4999, "USD", "$49.99"],
  [125_000, "eur", "€1,250.00"],
  [500, "JPY", "¥500"],
  [1500, "KWD", "KWD 1.500"],
  [0, "USD", "$0.00"],
  [-250, "USD", "-$2.50"],
])("%i of %s are %s", (cents, currency, said) => {
  expect(formatMoney(cents, currency).replace(/\s/g, " ")).toBe(said);
});
