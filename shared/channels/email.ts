import { z } from "zod";
import { hashOf } from "../hash.ts";
import { Problem } from "../problem.ts";
import { defineChannel, headline } from "./channel.ts";

const Settings = z.strictObject({ to: z.email() });

/** A mail to one person. Who sends it decides how: the hub over its queue, a beacon over a server of its own. */
export const email = defineChannel({
  kind: "email",
  title: "E-mail",
  Settings,
  secrets: [],
  send: async (notice, { to }, { mail }) => {
    if (mail === undefined) {
      throw new Problem("channel_refused", "there is no mail server here", { hint: "Name one in the settings." });
    }
    const { event, beacon, link } = notice;
    const since = new Date(event.firedAt).toISOString();
    const text = [
      event.title,
      "",
      `Beacon: ${beacon.name} (${beacon.domain})`,
      event.kind === "resolved" ? `It had begun at ${since} and is over.` : `Since: ${since}`,
      "",
      `Look at it: ${link}`,
      "",
    ].join("\n");
    await mail({ id: `alert_${hashOf([beacon.id, event.id, to])}`, to, subject: headline(notice), text });
  },
});
