/** Test cards by their numbers, and what becomes of each: https://docs.stripe.com/testing */
export const CARDS = {
  good: "4242424242424242",
  mastercard: "5555555555554444",
  declined: "4000000000000002",
  poor: "4000000000009995",
  expired: "4000000000000069",
  wrongCvc: "4000000000000127",
  /** Refused for a passing reason. */
  again: "4000000000000119",
  /** Taken once its owner has proved to be the owner. */
  authenticated: "4000002500003155",
  /** Taken now, refused at every later charge. */
  later: "4000000000000341",
} as const;

/** Why a card is not taken: https://docs.stripe.com/error-codes and https://docs.stripe.com/declines/codes */
export const REFUSALS = {
  card_declined: "Your card was declined.",
  insufficient_funds: "Your card has insufficient funds. Try a different card.",
  expired_card: "Your card has expired. Try a different card.",
  incorrect_cvc: "Your card's security code is incorrect.",
  processing_error: "An error occurred while processing your card. Try again in a little bit.",
  incorrect_number: "Your card number is invalid.",
  invalid_expiry: "Your card's expiration date is incomplete or in the past.",
  invalid_cvc: "Your card's security code is incomplete.",
  authentication_failed:
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
} as const;

export type Refusal = keyof typeof REFUSALS;

const refusedWith = new Map<string, Refusal>([
  [CARDS.declined, "card_declined"],
  [CARDS.poor, "insufficient_funds"],
  [CARDS.expired, "expired_card"],
  [CARDS.wrongCvc, "incorrect_cvc"],
  [CARDS.again, "processing_error"],
]);

/** A card as somebody typed it. */
export interface TypedCard {
  readonly number: string;
  /** `MM/YY` */
  readonly expiry: string;
  readonly cvc: string;
}

export type CardVerdict =
  | { readonly is: "refused"; readonly why: Refusal }
  | { readonly is: "authenticate" }
  | { readonly is: "taken" };

/** What Stripe says to a card. Pure. @param now Seconds since the epoch. */
export function judgeCard({ number, expiry, cvc }: TypedCard, now: number): CardVerdict {
  if (!passesLuhn(number)) return { is: "refused", why: "incorrect_number" };
  if (!isInFuture(expiry, now)) return { is: "refused", why: "invalid_expiry" };
  if (!/^\d{3,4}$/.test(cvc)) return { is: "refused", why: "invalid_cvc" };
  const why = refusedWith.get(number);
  if (why !== undefined) return { is: "refused", why };
  return { is: number === CARDS.authenticated ? "authenticate" : "taken" };
}

/** Reads the fields of a card from a form; what a form does not have is as a customer would have filled it in. */
export function readCard(form: Readonly<Record<string, unknown>>): TypedCard {
  const text = (name: string, otherwise: string) => {
    const value = form[name];
    return typeof value === "string" ? value.trim() : otherwise;
  };
  return {
    number: text("card", CARDS.good).replaceAll(/[\s-]/g, ""),
    expiry: text("expiry", "12/34"),
    cvc: text("cvc", "123"),
  };
}

/** What may be told of a card afterwards: https://docs.stripe.com/api/payment_methods/object#payment_method_object-card */
export function faceOf({ number, expiry }: TypedCard) {
  const [month = 12, year = 34] = expiry.split("/").map(Number);
  return {
    brand: number.startsWith("4") ? "visa" : number.startsWith("5") ? "mastercard" : "unknown",
    last4: number.slice(-4),
    exp_month: month,
    exp_year: 2000 + year,
  };
}

/** https://www.iso.org/standard/70484.html, annex B */
function passesLuhn(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const sum = [...number].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function isInFuture(expiry: string, now: number): boolean {
  const [, month, year] = /^(0[1-9]|1[0-2])\s*\/\s*(\d{2})$/.exec(expiry) ?? [];
  if (month === undefined || year === undefined) return false;
  return Date.UTC(2000 + Number(year), Number(month), 1) / 1000 > now;
}
