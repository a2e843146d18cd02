import { useState } from "preact/hooks";
import type { Person } from "#shared/api/trust.ts";
import { Button } from "#ui/components/button.tsx";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { SearchBox } from "#ui/components/search-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import type { SettingsApi } from "./settings-api.ts";

/** Of a thousand people the reader looks for one. */
const MOST_ROWS = 50;

/** Pure: those in whose address, name or beacons the text is. */
export const findPeople = (people: readonly Person[], text: string): Person[] => {
  const wanted = text.trim().toLowerCase();
  return people.filter(({ email, name, beacons }) =>
    [email, name, ...beacons].some((one) => one.toLowerCase().includes(wanted)),
  );
};

/** Who has an account, what is theirs, and how they are shut out. */
export function PeoplePanel({ api }: { api: SettingsApi["people"] }) {
  const { data, problem, reload } = useLoaded(api.list, "people");
  const [search, setSearch] = useState("");
  const [asked, ask] = useState<{ readonly what: "end" | "remove"; readonly person: Person }>();
  const toasts = useToasts();
  const found = findPeople(data ?? [], search);
  const close = () => ask(undefined);
  return (
    <section class="section" aria-label="People">
      <div class="section-head">
        <h2>People</h2>
        {data === undefined || data.length < 6 ? null : (
          <SearchBox label="Search people" value={search} onInput={setSearch} />
        )}
      </div>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {data === undefined && problem === undefined ? <Skeleton lines={4} /> : null}
      {found.length === 0 ? null : (
        <ul class="card">
          {found.slice(0, MOST_ROWS).map((person) => (
            <li key={person.id} class="people-row">
              <span class="people-who">
                <strong>{person.email}</strong>
                <span class="muted">{[person.role, ...person.beacons].join(" · ")}</span>
              </span>
              <span class="actions">
                <Button size="small" onClick={() => ask({ what: "end", person })}>
                  End all sessions
                </Button>
                {person.role === "operator" ? null : (
                  <Button size="small" kind="danger" onClick={() => ask({ what: "remove", person })}>
                    Remove
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {data !== undefined && found.length === 0 ? <p class="muted">Nobody fits.</p> : null}
      {found.length > MOST_ROWS ? (
        <p class="muted">{found.length - MOST_ROWS} more. Search for a part of an address or a beacon's name.</p>
      ) : null}
      {asked?.what === "end" ? (
        <ConfirmDialog
          title={`End all sessions of ${asked.person.email}?`}
          verb="End all sessions"
          otherwise="Let them be"
          act={async () => {
            await api.endSessions(asked.person.email);
            toasts.show("good", `${asked.person.email} is signed out everywhere.`);
          }}
          onClose={close}
        >
          <p>
            They are signed out here and on every beacon, and may sign in again. A beacon that is away hears of it when
            it comes.
          </p>
        </ConfirmDialog>
      ) : null}
      {asked?.what === "remove" ? (
        <ConfirmDialog
          title={`Remove ${asked.person.email}?`}
          name={asked.person.email}
          verb="Remove"
          otherwise="Keep them"
          act={async () => {
            await api.remove(asked.person.email);
            reload();
          }}
          onClose={close}
        >
          <p>
            Their account goes, and all their sessions end, here and on every beacon. A beacon that is away hears of it
            when it comes, and until then lets a session go on for 7 days at most. Their beacons go on.
          </p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
