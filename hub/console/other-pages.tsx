import type { ComponentChildren } from "preact";
import { Button } from "#ui/components/button.tsx";
import { Empty } from "#ui/components/states.tsx";
import { lazy } from "#ui/lazy.tsx";
import { matchRoute, type RouteParams } from "#ui/router.tsx";

const AlertsPage = lazy(async () => (await import("./pages/alerts.tsx")).AlertsPage);
const AuditPage = lazy(async () => (await import("./pages/audit.tsx")).AuditPage);
const BeaconPage = lazy(async () => (await import("./pages/beacon.tsx")).BeaconPage);
const BillingPage = lazy(async () => (await import("./pages/billing.tsx")).BillingPage);
const JobPage = lazy(async () => (await import("./pages/job.tsx")).JobPage);
const JobsPage = lazy(async () => (await import("./pages/jobs.tsx")).JobsPage);
const NewBeaconPage = lazy(async () => (await import("./pages/new-beacon.tsx")).NewBeaconPage);
const ProvidersPage = lazy(async () => (await import("./pages/providers.tsx")).ProvidersPage);
const SalesPage = lazy(async () => (await import("./pages/sales.tsx")).SalesPage);
const SettingsPage = lazy(async () => (await import("./pages/settings.tsx")).SettingsPage);

type Route = readonly [pattern: string, page: (params: RouteParams) => ComponentChildren];

const routes: readonly Route[] = [
  ["/beacons/:id", ({ id = "" }) => <BeaconPage key={id} id={id} tab="overview" />],
  ["/billing", () => <BillingPage />],
  ["/beacons/:id/:tab", ({ id = "", tab = "" }) => <BeaconPage key={id} id={id} tab={tab} />],
];

const operatorRoutes: readonly Route[] = [
  ["/beacons/new", () => <NewBeaconPage />],
  ["/jobs", () => <JobsPage />],
  ["/jobs/:id", ({ id = "" }) => <JobPage key={id} id={id} />],
  ["/sales", () => <SalesPage tab="subscriptions" />],
  ["/sales/:tab", ({ tab = "" }) => <SalesPage tab={tab} />],
  ["/providers", () => <ProvidersPage />],
  ["/alerts", () => <AlertsPage tab="now" />],
  ["/alerts/:tab", ({ tab = "" }) => <AlertsPage tab={tab} />],
  ["/audit", () => <AuditPage />],
  ["/settings", () => <SettingsPage />],
];

/** All pages but the first one, each loaded when it is looked at. */
export function OtherPages({ path, isOperator }: { path: string; isOperator: boolean }) {
  for (const [pattern, page] of isOperator ? [...operatorRoutes, ...routes] : routes) {
    const params = matchRoute(pattern, path);
    if (params !== undefined) return <>{page(params)}</>;
  }
  return (
    <Empty title="There is no such page" action={<Button href="/">To the first page</Button>}>
      The address {path} leads nowhere.
    </Empty>
  );
}
