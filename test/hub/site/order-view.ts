import type { Site } from "#hub/site/frame.ts";
import type { JobState, JobView } from "#shared/api/hub.ts";

/** A site that nobody set up in any way. */
export const site: Site = {
  ...{ name: "WOPR", origin: "https://hub.example.org", zone: "example.org", contact: undefined, texts: [] },
  ...{ style: "/site/style.css", script: "/site/progress.js" },
};
/** The job of an order for the beacon `ada`. */
export const job = (state: JobState, changes: Partial<JobView> = {}): JobView => ({
  ...{ id: "job_12345678", purchase: "purchase_12345678", beaconName: "ada", email: "ada@example.org" },
  ...{ modules: ["page"], state, createdAt: 1, events: [] },
  sale: { bundle: "tiny", tier: "t1", monthlyCents: 1000, currency: "usd", awaits: "payment" },
  ...changes,
});
