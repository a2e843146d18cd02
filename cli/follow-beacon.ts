import { AGAIN, type ServerSentEvent } from "#shared/api/server-sent-events.ts";
import type { BeaconClient } from "./beacon-client.ts";

/** What happens on the beacon until the signal is aborted, however often the stream has to be opened anew. */
export async function* followBeacon(client: BeaconClient, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
  while (!signal.aborted) {
    let isAsked = false;
    for await (const said of await client.events("events", { signal })) {
      if (said.event !== AGAIN) yield said;
      else {
        isAsked = true;
        break;
      }
    }
    if (!isAsked) return;
  }
}
