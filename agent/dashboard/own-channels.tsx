import { type ChannelsApi, ChannelsPanel } from "#ui/channels/channels-panel.tsx";

/** How the owner is told of alerts by the beacon itself. */
export function OwnChannels({ api }: { api: ChannelsApi }) {
  return (
    <section class="section" aria-label="Who is told">
      <div class="section-head">
        <h2>Who is told</h2>
      </div>
      <p class="muted">Your beacon tells them itself, with its hub or without. What you put in stays on it.</p>
      <ChannelsPanel api={api} hasBeacons={false} />
    </section>
  );
}
