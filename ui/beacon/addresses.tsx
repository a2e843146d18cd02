import type { Inventory } from "#shared/inventory.ts";
import { Status } from "../components/status.tsx";
import { useNow } from "../use-now.ts";
import { certificateWords } from "./certificate-words.ts";
import "./addresses.css";

/** The host names of a beacon, and how it stands with the certificate of each. */
export function Addresses({ inventory }: { inventory: Inventory | undefined }) {
  const now = useNow(60_000);
  if (inventory === undefined || inventory.certificates.length === 0) return null;
  return (
    <section class="section" aria-label="Addresses">
      <div class="section-head">
        <h2>Addresses</h2>
      </div>
      <ul class="rows card">
        {inventory.certificates.map((state) => {
          const { tone, word, detail } = certificateWords(state, inventory.domain, now);
          return (
            <li key={state.host} class="address">
              <span class="mono truncate">{state.host}</span>
              <Status tone={tone}>{word}</Status>
              <span class="muted">{detail}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
