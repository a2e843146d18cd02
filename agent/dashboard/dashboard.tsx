import { useEffect } from "preact/hooks";
import { AlertsPanel } from "#ui/beacon/alerts-panel.tsx";
import { useBeacon } from "#ui/beacon/beacon-store.ts";
import { Button } from "#ui/components/button.tsx";
import { Frame, useTitle } from "#ui/components/frame.tsx";
import { LinkLost } from "#ui/components/link-lost.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { lazy } from "#ui/lazy.tsx";
import { useRouter } from "#ui/router.tsx";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import type { AgentApi, Visitor } from "./agent-api.ts";
import { HomePage } from "./pages/home.tsx";
import { SignedOutPage } from "./pages/signed-out.tsx";

const AppsPanel = lazy(async () => (await import("#ui/beacon/apps-panel.tsx")).AppsPanel);
const ScrapePanel = lazy(async () => (await import("./scrape-panel.tsx")).ScrapePanel, 2);
const OwnChannels = lazy(async () => (await import("./own-channels.tsx")).OwnChannels, 4);
const CommandsPanel = lazy(async () => (await import("#ui/beacon/commands-panel.tsx")).CommandsPanel);

/** The beacon's own dashboard: the same parts as in the console, for somebody who owns one beacon. */
export function Dashboard({ api }: { api: AgentApi }) {
  const me = useLoaded(api.me, "me");
  const store = useBeacon();
  // A session that ended while the page was open shows in the next answer.
  const ended = store.problem.value?.code === "not_signed_in";
  if (me.problem?.code === "not_signed_in" || ended) {
    return (
      <Frame items={[]}>
        <SignedOutPage api={api} onSignedIn={() => location.assign("/")} />
      </Frame>
    );
  }
  if (me.data !== undefined) return <SignedIn me={me.data} api={api} />;
  return (
    <Frame items={[]}>
      {me.problem === undefined ? (
        <Skeleton lines={6} />
      ) : (
        <ProblemBox problem={me.problem}>
          <Button icon="retry" onClick={me.reload}>
            Try again
          </Button>
        </ProblemBox>
      )}
    </Frame>
  );
}

function SignedIn({ me, api }: { me: Visitor; api: AgentApi }) {
  const store = useBeacon();
  const leaving = useTask(async () => {
    await api.leave();
    await store.read();
  });
  useEffect(() => store.open(), [store]);
  const problem = store.problem.value;
  return (
    <Frame
      of={store.overview.value?.name}
      items={[
        { title: "Home", href: "/", icon: "home" },
        { title: "Apps", href: "/apps", icon: "grid" },
        { title: "Alerts", href: "/alerts", icon: "alert" },
        { title: "Activity", href: "/activity", icon: "clock" },
      ]}
      end={
        <>
          <span class="who truncate" title={me.email}>
            {me.email}
          </span>
          <Button kind="quiet" icon="signOut" label="Sign out" busy={leaving.busy} onClick={() => void leaving.run()} />
        </>
      }
      notice={<LinkLost state={store.link.value} to="your beacon" />}
    >
      {problem === undefined ? null : (
        <ProblemBox problem={problem}>
          <Button icon="retry" onClick={() => void store.read()}>
            Try again
          </Button>
        </ProblemBox>
      )}
      <Page me={me} api={api} />
    </Frame>
  );
}

function Page({ me, api }: { me: Visitor; api: AgentApi }) {
  const path = useRouter().path.value;
  const page = path === "/" ? "home" : path.slice(1);
  const titles: Readonly<Record<string, string>> = { apps: "Apps", alerts: "Alerts", activity: "Activity" };
  const name = useBeacon().overview.value?.name ?? "Beacon";
  useTitle(page === "home" ? name : `${titles[page] ?? "No such page"} · ${name}`);
  if (page === "home") {
    return (
      <>
        <HomePage />
        {me.role === "member" ? null : <ScrapePanel api={api.scrapeToken} />}
      </>
    );
  }
  if (page === "apps") {
    return (
      <>
        <div class="page-head">
          <div class="titles">
            <h1>Apps</h1>
            <p class="sub">Install, look after and remove what runs on your beacon.</p>
          </div>
        </div>
        <AppsPanel />
      </>
    );
  }
  if (page === "alerts") {
    return (
      <>
        <div class="page-head">
          <div class="titles">
            <h1>Alerts</h1>
            <p class="sub">What your beacon finds wrong with itself, newest first.</p>
          </div>
        </div>
        <AlertsPanel />
        {me.role === "member" ? null : <OwnChannels api={api.channels} />}
      </>
    );
  }
  if (page === "activity") {
    return (
      <>
        <div class="page-head">
          <div class="titles">
            <h1>Activity</h1>
            <p class="sub">What was done on your beacon, newest first.</p>
          </div>
        </div>
        <CommandsPanel me={me.email} />
      </>
    );
  }
  return (
    <Empty title="There is no such page" action={<Button href="/">Home</Button>}>
      The address {path} leads nowhere.
    </Empty>
  );
}
