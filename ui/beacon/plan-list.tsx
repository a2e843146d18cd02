import type { Plan } from "#shared/api/beacon.ts";
import { Icon, type IconName } from "../components/icon.tsx";
import "./plan.css";

const icons: readonly (readonly [kind: RegExp, icon: IconName])[] = [
  [/^image\./, "image"],
  [/^network\./, "network"],
  [/\.(remove|drop)$/, "trash"],
  [/\.password$/, "key"],
  [/^secrets?\./, "key"],
  [/^(volume|database)\./, "database"],
  [/^container\.create$/, "box"],
  [/^container\.start$/, "play"],
  [/^container\.healthy$/, "pulse"],
  [/^container\.stop$/, "stop"],
  [/^routes\./, "globe"],
];

const iconOf = (kind: string): IconName => icons.find(([pattern]) => pattern.test(kind))?.[1] ?? "pen";

/** A plan: what there is to know, what becomes of each container and why, then the steps in their order. */
export function PlanList({ plan }: { plan: Plan }) {
  const changes = plan.changes?.filter(({ verdict }) => verdict !== "up-to-date") ?? [];
  return (
    <>
      {plan.notes?.map((note) => (
        <p key={note} class="plan-note">
          {note}
        </p>
      ))}
      {changes.length === 0 ? null : (
        <ul class="plan-changes">
          {changes.map(({ container, verdict, reason }) => (
            <li key={container}>
              <span class="mono">{container}</span> <strong>{verdictWords[verdict] ?? verdict}</strong>{" "}
              <span class="muted">{reason}</span>
            </li>
          ))}
        </ul>
      )}
      <ol class="plan">
        {plan.steps.map(({ kind, title }, index) => (
          // A plan never changes its order.
          <li key={index}>
            <Icon name={iconOf(kind)} />
            <span>{title}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

const verdictWords: Readonly<Record<string, string>> = {
  create: "is made",
  update: "is changed in place",
  recreate: "is made again",
  remove: "is removed",
};
