import { useState } from "preact/hooks";
import { useTitle } from "#ui/components/frame.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { SearchBox } from "#ui/components/search-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { formatMoment } from "#ui/format.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useFleet } from "../fleet-store.ts";
import "./audit.css";

/** Who did what, to what, when. */
export function AuditPage() {
  useTitle("Audit");
  const { api, names, jobs } = useFleet();
  const { data, problem } = useLoaded(api.audit, "audit");
  const [search, setSearch] = useState("");
  const nameOf = new Map([
    ...names.value.map(({ id, name }) => [id, name] as const),
    ...(jobs.value ?? []).map(({ id, beaconName }) => [id, `${beaconName}, its job`] as const),
  ]);
  const wanted = search.trim().toLowerCase();
  const shown = data?.filter(({ actor, action, subject }) =>
    `${actor} ${action} ${subject} ${nameOf.get(subject) ?? ""}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Audit</h1>
          <p class="sub">Everything that was done on this hub, and by whom.</p>
        </div>
        <SearchBox label="Search entries" value={search} onInput={setSearch} />
      </div>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {shown === undefined && problem === undefined ? <Skeleton lines={6} /> : null}
      {shown?.length === 0 ? (
        <Empty title={search === "" ? "Nothing was done yet" : "No entry matches"}>
          Sign-ins, orders and commands are listed here.
        </Empty>
      ) : null}
      {shown === undefined || shown.length === 0 ? null : (
        <ul class="audit rows card">
          {shown.map((entry, index) => (
            // Entries have no id, and only come at the end.
            <li key={index}>
              <details>
                <summary>
                  <span class="mono audit-action">{entry.action}</span>
                  <Subject id={entry.subject} name={nameOf.get(entry.subject)} />
                  <span class="truncate audit-actor">{entry.actor}</span>
                  <time class="muted" dateTime={new Date(entry.at).toISOString()}>
                    {formatMoment(entry.at)}
                  </time>
                </summary>
                <pre class="lines">{JSON.stringify({ subject: entry.subject, ...entry.details }, null, 2)}</pre>
              </details>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** By its name, where it has one. */
const Subject = ({ id, name }: { id: string; name: string | undefined }) => (
  <span class={name === undefined ? "truncate audit-subject mono muted" : "truncate audit-subject"} title={id}>
    {name ?? id}
  </span>
);
