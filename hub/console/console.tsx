import { useEffect, useMemo } from "preact/hooks";
import type { MyAccount } from "#shared/api/hub.ts";
import { Button } from "#ui/components/button.tsx";
import { Frame, type NavigationItem } from "#ui/components/frame.tsx";
import { LinkLost } from "#ui/components/link-lost.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { lazy } from "#ui/lazy.tsx";
import { useRouter } from "#ui/router.tsx";
import { useTask } from "#ui/use-task.ts";
import { FleetContext, FleetStore, useFleet } from "./fleet-store.ts";
import { FleetPage } from "./pages/fleet.tsx";
import { useSession } from "./session.ts";
import "./console.css";

const OtherPages = lazy(async () => (await import("./other-pages.tsx")).OtherPages);
const SetupPage = lazy(async () => (await import("./pages/setup.tsx")).SetupPage);
const SignInPage = lazy(async () => (await import("./pages/sign-in.tsx")).SignInPage);

const operatorPages: readonly NavigationItem[] = [
  { title: "Jobs", href: "/jobs", icon: "list" },
  { title: "Sales", href: "/sales", icon: "coin" },
  { title: "Providers", href: "/providers", icon: "network" },
  { title: "Alerts", href: "/alerts", icon: "alert" },
  { title: "Audit", href: "/audit", icon: "clock" },
  { title: "Settings", href: "/settings", icon: "key" },
];

const ownerPages: readonly NavigationItem[] = [{ title: "Billing", href: "/billing", icon: "coin" }];

/** The whole console: which page is shown to whom. */
export function Console() {
  const session = useSession();
  const state = session.state.value;
  if (state.is === "in") return <SignedIn me={state.me} />;
  return (
    <Frame items={[]}>
      {state.is === "unknown" ? <Skeleton lines={6} /> : null}
      {state.is === "setup" ? <SetupPage /> : null}
      {state.is === "out" ? <SignInPage /> : null}
      {state.is === "away" ? (
        <ProblemBox problem={state.problem}>
          <Button icon="retry" onClick={() => void session.read()}>
            Try again
          </Button>
        </ProblemBox>
      ) : null}
    </Frame>
  );
}

function SignedIn({ me }: { me: MyAccount }) {
  const session = useSession();
  const fleet = useMemo(() => new FleetStore(session.api, me.role), [session, me.id, me.role]);
  const leaving = useTask(session.signOut);
  useEffect(() => fleet.open(), [fleet]);
  // A session that ended elsewhere shows in the first answer of the fleet.
  const ended = fleet.problem.value?.code === "not_signed_in";
  useEffect(() => {
    if (ended) void session.read();
  }, [ended, session]);
  return (
    <FleetContext.Provider value={fleet}>
      <Frame
        items={[
          { title: fleet.isOperator ? "Fleet" : "Beacons", href: "/", icon: "server", also: ["/beacons"] },
          ...(fleet.isOperator ? operatorPages : ownerPages),
        ]}
        end={
          <>
            <span class="who truncate" title={me.email}>
              {me.email}
            </span>
            <Button
              kind="quiet"
              icon="signOut"
              label="Sign out"
              busy={leaving.busy}
              onClick={() => void leaving.run()}
            />
          </>
        }
        notice={<LinkLost state={fleet.link.value} to="the hub" />}
      >
        <Page />
      </Frame>
    </FleetContext.Provider>
  );
}

function ToFirstPage() {
  const router = useRouter();
  useEffect(() => router.navigate("/", { replace: true }), [router]);
  return null;
}

function Page() {
  const path = useRouter().path.value;
  const { problem, isOperator } = useFleet();
  return (
    <>
      {problem.value === undefined ? null : <ProblemBox problem={problem.value} />}
      {path === "/" ? (
        <FleetPage />
      ) : path === "/sign-in" ? (
        // Where mails and handbooks lead to; whoever sees a page is signed in.
        <ToFirstPage />
      ) : (
        <OtherPages path={path} isOperator={isOperator} />
      )}
    </>
  );
}
