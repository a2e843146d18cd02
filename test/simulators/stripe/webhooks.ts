import { createHmac } from "node:crypto";
import type { StripeEvent } from "./objects.ts";

export interface WebhookBehaviour {
  /** How often each event is sent. */
  readonly copies?: number;
  /** The newest of those that come together first. */
  readonly isReversed?: boolean;
  /** Puts those that come together in an order of its own: gives numbers from 0 up to 1. */
  readonly shuffle?: () => number;
  readonly delayMs?: number;
  /** Those for which it is true are never sent. */
  readonly lose?: (type: string) => boolean;
}

export interface WebhookSender {
  /** Where to, and the secrets by which each is signed: two while one is replaced by the other. */
  aim(url: string, secrets: readonly string[]): void;
  behave(behaviour: WebhookBehaviour): void;
  push(event: StripeEvent): void;
  /** Sends an event once more. */
  resend(event: StripeEvent): Promise<number>;
  /** Returns when all that was pushed has arrived or was given up. */
  settled(): Promise<void>;
  /** Statuses that the endpoint answered with. */
  readonly answers: readonly number[];
  stop(): Promise<void>;
}

/** Stripe tries for three days; here, for as long as a hub may take to start. */
const ATTEMPTS = 100;
const PAUSE_MS = 50;
/** What comes within this time comes together. */
const TOGETHER_MS = 20;

/** `t=…,v1=…`: https://docs.stripe.com/webhooks#verify-manually */
export function signatureOf(payload: string, atSeconds: number, secrets: readonly string[]): string {
  const signatures = secrets.map((secret) =>
    createHmac("sha256", secret).update(`${atSeconds}.${payload}`).digest("hex"),
  );
  return [`t=${atSeconds}`, ...signatures.map((one) => `v1=${one}`)].join(",");
}

const shuffled = <Item>(items: readonly Item[], random: () => number): Item[] =>
  items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

export function createWebhooks(now: () => number): WebhookSender {
  let target: { readonly url: string; readonly secrets: readonly string[] } | undefined;
  let behaviour: WebhookBehaviour = {};
  let waiting: StripeEvent[] = [];
  const underWay = new Set<Promise<unknown>>();
  const answers: number[] = [];
  const stopping = new AbortController();

  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  const post = async (event: StripeEvent): Promise<number> => {
    if (target === undefined) return 0;
    const payload = JSON.stringify(event, undefined, 2);
    const response = await fetch(target.url, {
      method: "POST",
      headers: {
        connection: "close",
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signatureOf(payload, Math.floor(now() / 1000), target.secrets),
      },
      body: payload,
    }).catch(() => undefined);
    answers.push(response?.status ?? 0);
    return response?.status ?? 0;
  };

  const send = async (event: StripeEvent) => {
    for (let attempt = 0; attempt < ATTEMPTS && !stopping.signal.aborted; attempt += 1) {
      const status = await post(event);
      if (status >= 200 && status < 300) return;
      await pause(PAUSE_MS);
    }
  };

  const track = (work: Promise<unknown>) => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };

  const flush = async () => {
    const { copies = 1, isReversed = false, shuffle, delayMs = 0 } = behaviour;
    await pause(isReversed || shuffle !== undefined ? TOGETHER_MS : 0);
    const events = isReversed ? waiting.reverse() : shuffle === undefined ? waiting : shuffled(waiting, shuffle);
    waiting = [];
    await pause(delayMs);
    for (const event of events) for (let copy = 0; copy < copies; copy += 1) track(send(event));
  };

  return {
    aim: (url, secrets) => {
      target = { url, secrets };
    },
    behave: (next) => {
      behaviour = next;
    },
    push: (event) => {
      if (target === undefined || behaviour.lose?.(event.type) === true) return;
      waiting.push(event);
      if (waiting.length === 1) track(flush());
    },
    resend: post,
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    answers,
    stop: async () => {
      stopping.abort();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
