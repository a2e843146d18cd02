import { once } from "node:events";
import { createServer } from "node:http";
import type { Billing } from "#hub/shop/billing.ts";
import { orderPath } from "#hub/shop/checkout.ts";
import type { Purchase } from "#hub/store/purchases.ts";
import { Problem } from "#shared/problem.ts";

/** Somebody who takes the money, with real pages of their own on another origin: `/pay/<purchase>` with one button. */
export interface PayDesk extends Billing {
  /** Ids of purchases in the order in which their payment was opened first. */
  readonly opened: Purchase[];
  readonly paid: ReadonlySet<string>;
  readonly closed: ReadonlySet<string>;
  /** While it is set the desk cannot be reached. */
  isAway: boolean;
  /** The hub to which its pages lead back. */
  hub: string;
  stop(): Promise<void>;
}

export async function startPayDesk(): Promise<PayDesk> {
  const opened: Purchase[] = [];
  const paid = new Set<string>();
  const closed = new Set<string>();
  const listeners: ((purchase: string) => void)[] = [];
  const server = createServer((request, response) => {
    const id = decodeURIComponent((request.url ?? "").split("/").at(-1) ?? "");
    if (request.method === "POST") {
      paid.add(id);
      for (const listener of listeners) listener(id);
      response.writeHead(303, { location: desk.hub + orderPath(id) }).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><title>Pay</title><form method="post"><button>Pay now</button></form>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const origin = `http://127.0.0.1:${address.port}`;
  const desk: PayDesk = {
    opened,
    paid,
    closed,
    isAway: false,
    hub: "",
    isPaid: async (purchase) => paid.has(purchase),
    onPaid: (listener) => void listeners.push(listener),
    checkout: {
      origin,
      open: async (purchase) => {
        if (desk.isAway) throw new Problem("unavailable", "the pay desk does not answer");
        if (!opened.some(({ id }) => id === purchase.id)) opened.push(purchase);
        return { url: `${origin}/pay/${purchase.id}` };
      },
      close: async ({ id }) => {
        if (paid.has(id)) throw new Problem("conflict", "this was paid already");
        closed.add(id);
      },
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return desk;
}
