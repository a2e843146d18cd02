import { useEffect, useState } from "preact/hooks";
import { Button } from "#ui/components/button.tsx";
import { Field } from "#ui/components/field.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { Icon } from "#ui/components/icon.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { formatSize } from "#ui/format.ts";
import { useRouter } from "#ui/router.tsx";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import { AppCards } from "../app-cards.tsx";
import { useFleet } from "../fleet-store.ts";
import { beaconNameProblem, emailProblem } from "../order-problems.ts";
import { useSession } from "../session.ts";
import "./new-beacon.css";

/** The order form: for whom, under which name, with which apps. */
export function NewBeaconPage() {
  useTitle("New beacon");
  const fleet = useFleet();
  const router = useRouter();
  const session = useSession().state.value;
  const zone = useLoaded(fleet.api.hub, "hub").data?.zone;
  const catalogue = useLoaded(fleet.api.modules, "modules");
  const [email, setEmail] = useState(session.is === "in" ? session.me.email : "");
  const [name, setName] = useState("");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [attempts, setAttempts] = useState(0);
  const strict = attempts > 0;

  const taken = fleet.names.value.map((beacon) => beacon.name);
  const wrongName = beaconNameProblem(name, taken);
  const wrongEmail = emailProblem(email);
  const modules = catalogue.data ?? [];
  const apps = modules.filter(({ core }) => !core);
  const wanted = apps.filter(({ id }) => picked.has(id));
  const memoryMb = (of: readonly { memoryMb: number }[]) => of.reduce((sum, module) => sum + module.memoryMb, 0);
  const coreMb = memoryMb(modules.filter(({ core }) => core));

  const ordering = useTask(async () => {
    const job = await fleet.api.order({ email, beacon: name, modules: wanted.map(({ id }) => id) });
    fleet.take([job]);
    router.navigate(`/jobs/${job.id}`);
  });
  const submit = () => {
    setAttempts(attempts + 1);
    if (wrongName === undefined && wrongEmail === undefined) void ordering.run();
  };
  // Each attempt leads to what is wrong.
  useEffect(() => {
    if (attempts > 0) document.querySelector<HTMLInputElement>(".order [aria-invalid=true]")?.focus();
  }, [attempts]);

  return (
    <>
      <a class="crumb" href="/">
        <Icon name="back" size={13} />
        Fleet
      </a>
      <div class="page-head">
        <div class="titles">
          <h1>New beacon</h1>
          <p class="sub">A server of its own, with the core services and the apps you pick.</p>
        </div>
      </div>
      <form
        class="order"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div class="order-main">
          <section class="form">
            <Field
              label="Name"
              note="Part of every address on it. It cannot be changed later."
              wrong={name !== "" || strict ? wrongName : undefined}
            >
              {(input) => (
                <div class="input-affix">
                  <input
                    {...input}
                    class="input mono"
                    value={name}
                    placeholder="ada"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck={false}
                    maxLength={41}
                    onInput={(event) => setName(event.currentTarget.value.toLowerCase())}
                  />
                  {zone === undefined ? null : <span class="affix mono">.{zone}</span>}
                </div>
              )}
            </Field>
            <Field
              label="Owner’s e-mail"
              note="The handbook and the way in go there."
              wrong={strict ? wrongEmail : undefined}
            >
              {(input) => (
                <input
                  {...input}
                  class="input"
                  type="email"
                  value={email}
                  autocomplete="email"
                  onInput={(event) => setEmail(event.currentTarget.value)}
                />
              )}
            </Field>
          </section>
          <section aria-label="Apps">
            <div class="section-head">
              <h2>Apps</h2>
              <span class="muted">More can be installed at any time.</span>
            </div>
            {catalogue.problem === undefined ? null : <ProblemBox problem={catalogue.problem} />}
            {catalogue.data === undefined && catalogue.problem === undefined ? <Skeleton lines={6} /> : null}
            <AppCards modules={apps} picked={picked} onChange={setPicked} />
          </section>
        </div>
        <aside class="order-side card card-body" aria-label="Summary">
          <p class="order-domain mono">
            {name === "" ? <span class="faint">name</span> : name}
            {zone === undefined ? null : <span class="muted">.{zone}</span>}
          </p>
          <dl class="order-sum">
            <dt>Apps</dt>
            <dd>{wanted.length === 0 ? "none yet" : wanted.map(({ title }) => title).join(", ")}</dd>
            <dt>Memory of the apps</dt>
            <dd class="mono">{formatSize(memoryMb(wanted) * 1024 * 1024)}</dd>
            <dt>Core services</dt>
            <dd class="mono">{formatSize(coreMb * 1024 * 1024)}</dd>
            <dt class="order-total">In all, about</dt>
            <dd class="mono order-total">{formatSize((memoryMb(wanted) + coreMb) * 1024 * 1024)}</dd>
          </dl>
          {ordering.problem === undefined ? null : <ProblemBox problem={ordering.problem} />}
          <Button kind="primary" type="submit" busy={ordering.busy}>
            Create beacon
          </Button>
          <p class="faint">Nothing to pay on this hub.</p>
        </aside>
      </form>
    </>
  );
}
