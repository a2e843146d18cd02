import { setTimeout as sleep } from "node:timers/promises";
import { createBuyer } from "#test/hub/site/buyer.ts";
import { CARDS } from "#test/simulators/stripe/cards.ts";
import { unlessDead } from "./unless-dead.ts";

export interface Wish {
  readonly hub: string;
  readonly name: string;
  /** Source of the customer's connection, as a proxy tells it. */
  readonly address: string;
  /** The first card is refused. */
  readonly hesitates: boolean;
  /** Told what it is about. */
  readonly tell: (what: string) => void;
  /** Nobody waits any more. */
  readonly signal: AbortSignal;
}

const PAUSE_MS = 250;
export const emailOf = (name: string) => `${name}@example.org`;

/**
 * Somebody who wants a beacon, and tries until it is paid: sends the form again when no answer came, and goes to the payment from the page
 * of the order. Each card is entered once; whether it was taken is seen on the page.
 */
export async function buyAtLast({ hub, name, address, hesitates, signal, tell }: Wish): Promise<void> {
  const buyer = createBuyer(hub, { "x-forwarded-for": address });
  const form = { bundle: "vault", tier: "t1", name, email: emailOf(name), storage: "" };
  let order = "";
  let page = "";
  // From here on the browser can show that an order is its own, also one of which it never got the answer.
  while (!signal.aborted && (await unlessDead(buyer.get("/sign-up?bundle=vault")))?.status !== 200) {
    await sleep(PAUSE_MS);
  }
  while (page === "" && !signal.aborted) {
    const path = order === "" ? "/order" : `${order}/pay`;
    const answer = await unlessDead(buyer.post(path, order === "" ? form : {}));
    const { status = 0, location = "" } = answer ?? {};
    tell(`${path} was answered with ${status} ${location || answer?.text.slice(0, 200)}`);
    if (location.includes("/pay/cs_test_")) page = location;
    else if (location.startsWith("/order/")) order = location;
    else if (status === 503) order = /action="(\/order\/[\w-]+)\/pay"/.exec(answer?.text ?? "")?.[1] ?? order;
    if (page === "") await sleep(PAUSE_MS);
  }
  const enter = (card: string) =>
    fetch(page, { method: "POST", redirect: "manual", body: new URLSearchParams({ card }) });
  if (signal.aborted) return;
  tell(`pays on ${page}`);
  if (hesitates) await enter(CARDS.declined);
  await enter(CARDS.good);
}
