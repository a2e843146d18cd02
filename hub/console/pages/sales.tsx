import { useTitle } from "#ui/components/frame.tsx";
import { Empty } from "#ui/components/states.tsx";
import { FindingsPanel } from "../findings/findings-panel.tsx";
import { SubscriptionsPanel } from "../sales/subscriptions-panel.tsx";

const tabs = [
  { tab: "subscriptions", title: "Subscriptions", href: "/sales" },
  { tab: "findings", title: "Findings", href: "/sales/findings" },
];

/** Money: who pays for what, what it brings, and what does not agree between Stripe, the providers and the books. */
export function SalesPage({ tab }: { tab: string }) {
  useTitle("Sales");
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Sales</h1>
          <p class="sub">Who pays for what, what becomes of it, and what does not agree with it.</p>
        </div>
      </div>
      <nav class="tabs" aria-label="Of sales">
        {tabs.map((of) => (
          <a key={of.tab} href={of.href} aria-current={of.tab === tab ? "page" : undefined}>
            {of.title}
          </a>
        ))}
      </nav>
      {tab === "subscriptions" ? (
        <SubscriptionsPanel />
      ) : tab === "findings" ? (
        <FindingsPanel />
      ) : (
        <Empty title="There is no such page">Sales have subscriptions and findings.</Empty>
      )}
    </>
  );
}
