import { compareLedgers } from "#shared/ledger/compare.ts";
import type { LedgerAudit } from "#shared/ledger/difference.ts";
import type { JournalPage, JournalRecord } from "#shared/ledger/journal-page.ts";
import type { CommandStore } from "../store/commands.ts";
import type { Links } from "../ws/links.ts";

export interface AuditLedgerParts {
  readonly commands: Pick<CommandStore, "ledger">;
  readonly links: Pick<Links, "query">;
  readonly now: () => number;
}

/**
 * Compares the hub's ledger of a beacon with the beacon's own.
 * @throws {Problem} `agent_offline`; `not_found` from an agent that is too old to be asked
 */
export type AuditLedger = (beacon: string) => Promise<LedgerAudit>;

export function createAuditLedger({ commands, links, now }: AuditLedgerParts): AuditLedger {
  return async (beacon) => {
    // The beacon's first: what it does meanwhile the hub knows by then, or it is on its way.
    const records: JournalRecord[] = [];
    let clockAheadMs = 0;
    let forgottenSequence = 0;
    for (let after: number | undefined = 0; after !== undefined; ) {
      const askedAt = now();
      const page: JournalPage = await links.query(beacon, "journal", { after });
      // The answer was made about half-way.
      clockAheadMs = Math.round(page.now - (askedAt + now()) / 2);
      forgottenSequence = page.forgottenSequence;
      records.push(...page.records);
      after = page.next;
    }
    const hub = await commands.ledger(beacon);
    return {
      at: now(),
      beacon,
      clockAheadMs,
      onHub: hub.length,
      onBeacon: records.length,
      local: records.filter(({ sequence }) => sequence === null).length,
      differences: compareLedgers({ hub, beacon: records, forgottenSequence, aheadMs: clockAheadMs }),
    };
  };
}
