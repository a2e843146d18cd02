import { button, escapeHtml, layOut, paragraph, type Words } from "./words.ts";

export interface OrderReceived {
  /** What the beacon will be reached at. */
  readonly domain: string;
  /** Page that shows how far the order is. */
  readonly orderUrl: string;
}

/** Tells a customer that an order waits for its approval, and where to see how far it is. */
export function orderReceivedMail({ domain, orderUrl }: OrderReceived): Words {
  const title = `Your order of ${domain} is in`;
  const next = "Somebody looks at it before the work begins. This page shows how far it is:";
  const stranger =
    "You did not order it? Then do nothing: without an approval nothing happens, and nothing costs anything.";
  return {
    subject: title,
    text: `${title}\n\n${next}\n${orderUrl}\n\nThere will be another mail when your server is up.\n\n${stranger}\n`,
    html: layOut(
      title,
      [
        paragraph(
          `<strong>${escapeHtml(domain)}</strong> is held for you. Somebody looks at the order before the work begins.`,
        ),
        button("See how far it is", orderUrl),
        paragraph("There will be another mail when your server is up."),
        paragraph(stranger),
      ].join("\n"),
    ),
  };
}
