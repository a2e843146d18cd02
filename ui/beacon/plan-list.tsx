import type { Plan } from "#shared/api/beacon.ts";
import { Icon, type IconName } from "../components/icon.tsx";

const icons: readonly (readonly [kind: RegExp, icon: IconName])[] = [
  [/^image\./, "image"],
  [/^network\./, "network"],
  [/\.(remove|drop)$/, "trash"],
  [/^secrets?\./, "key"],
  [/^(volume|database)\./, "database"],
  [/^container\.create$/, "box"],
  [/^container\.start$/, "play"],
  [/^container\.healthy$/, "pulse"],
  [/^container\.stop$/, "stop"],
  [/^routes\./, "globe"],
];

const iconOf = (kind: string): IconName => icons.find(([pattern]) => pattern.test(kind))?.[1] ?? "pen";

/** The steps of a plan, in the order in which they would be taken. */
export const PlanList = ({ plan }: { plan: Plan }) => (
  <ol class="plan">
    {plan.steps.map(({ kind, title }, index) => (
      // A plan never changes its order.
      <li key={index}>
        <Icon name={iconOf(kind)} />
        <span>{title}</span>
      </li>
    ))}
  </ol>
);
