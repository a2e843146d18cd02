import { button, text, type Words, writeLetter } from "./letter.ts";

export interface OrderReceived {
  /** What the beacon will be reached at. */
  readonly domain: string;
  /** Page that shows how far the order is. */
  readonly orderUrl: string;
}

/** Tells a customer that an order waits for its approval, and where to see how far it is. */
export const orderReceivedMail = ({ domain, orderUrl }: OrderReceived): Words =>
  writeLetter({
    subject: `Your order of ${domain} is in`,
    blocks: [
      text(`${domain} is held for you. Somebody looks at the order before the work begins.`),
      button("See how far it is", orderUrl),
      text("There will be another mail when your server is up."),
      text("You did not order it? Then do nothing: without an approval nothing happens, and nothing costs anything."),
    ],
  });
