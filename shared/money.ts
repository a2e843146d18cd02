/**
 * An amount for people: `$49.99`, `€1,250.00`, `¥500`.
 * @param cents In the currency's smallest unit, whatever that is called
 * @param currency ISO 4217, in any case
 */
export function formatMoney(cents: number, currency: string): string {
  const format = new Intl.NumberFormat("en-US", { style: "currency", currency });
  return format.format(cents / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
