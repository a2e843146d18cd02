import type { HubLink } from "#shared/api/beacon.ts";
import { Ago } from "#ui/components/ago.tsx";

/** How it stands with the hub, where that is not as usual. Nothing on the beacon waits for it. */
export function HubNotice({ link }: { link: HubLink | undefined }) {
  if (link === undefined || link.state === "linked") return null;
  return (
    <p class="tab-note muted">
      {words[link.state]} <Ago at={link.since} />. Your apps go on without it.
    </p>
  );
}

const words: Readonly<Record<Exclude<HubLink["state"], "linked">, string>> = {
  away: "The hub went away",
  revoked: "The hub has shut this beacon’s agent out",
  left: "This beacon left its hub",
};
