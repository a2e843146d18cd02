/**
 * An amount for people: `$49.99`, `€1,250.00`, `¥500`.
 * @param cents In the currency's smallest unit, whatever that is called
 * @param currency ISO 4217, in any case
 */
export function formatMoney(cents: number, currency: string): string {
  return new Intl.NumberFormat("en-US", { style: "currency", currency }).format(cents / 10 ** fractionDigits(currency));
}

/** How many digits an amount has behind the point: two, but none in yen. */
const fractionDigits = (currency: string): number =>
  new Intl.NumberFormat("en-US", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;

/**
 * What somebody typed, in the currency's smallest unit; `undefined` when it is no amount, or has more digits than the currency. Commas are
 * decimal points to half of the world, so that nothing parts thousands.
 */
export function parseMoney(text: string, currency: string): number | undefined {
  const [, whole = "", part = ""] = /^\s*(\d{1,9})(?:[.,](\d+))?\s*$/.exec(text) ?? [];
  const digits = fractionDigits(currency);
  return whole === "" || part.length > digits ? undefined : Number(whole + part.padEnd(digits, "0"));
}
