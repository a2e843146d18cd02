import type { LinkState } from "../event-stream.ts";

/** What is on the page may be old: says so, and that it will mend itself. */
export const LinkLost = ({ state, to }: { state: LinkState; to: string }) =>
  state === "lost" ? (
    <div class="link-lost" role="status">
      <span class="spinner" />
      The link to {to} is lost. Trying again …
    </div>
  ) : null;
