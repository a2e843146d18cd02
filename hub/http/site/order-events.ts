import type { Context } from "hono";
import { isOver, type OrderView, orderProgress, orderSentence } from "../../site/pages/order.ts";
import type { HubEnv } from "../env.ts";
import { eventStream } from "../event-stream.ts";
import type { SiteParts } from "./site.ts";

/**
 * An order as its page shows it, at once and with each change.
 * @param read What the order is now. @throws what it throws, before anything is answered
 */
export async function orderEvents(
  c: Context<HubEnv>,
  { site, live, streamTimes, log }: Pick<SiteParts, "site" | "live" | "streamTimes" | "log">,
  read: () => Promise<OrderView>,
): Promise<Response> {
  const { isMine, job } = await read();
  return eventStream(c, {
    subscribe: (send) => {
      let isNewer = false;
      const show = (shown: OrderView) =>
        send("progress", {
          html: orderProgress(site, shown).text,
          sentence: orderSentence(shown),
          isOver: isOver(shown.job),
        });
      const stop = live.subscribe("job", (changed) => {
        if (changed.purchase !== job.purchase) return;
        isNewer = true;
        show({ isMine, job: changed });
      });
      // What happened since it was read above was told to nobody.
      const readAgain = async () => {
        const view = await read();
        if (!isNewer) show(view);
      };
      readAgain().catch((error: unknown) => log.error({ error }, "an order could not be shown"));
      return stop;
    },
    ...streamTimes,
  });
}
