import { useEffect, useRef, useState } from "preact/hooks";
import type { InstanceStatus } from "#shared/inventory.ts";
import { Problem } from "#shared/problem.ts";
import { useBeacon } from "../beacon/beacon-store.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { Status } from "../components/status.tsx";
import "../beacon/logs-dialog.css";
import "./terminal-dialog.css";

type State = { readonly is: "connecting" | "open" } | { readonly is: "ended"; readonly code: number };

/** A shell in a container of an app. It ends when the dialog is closed. */
export function TerminalDialog({ instance, onClose }: { instance: InstanceStatus; onClose: () => void }) {
  const running = instance.services.filter(({ state }) => state === "running");
  const [service, setService] = useState(running.at(-1)?.name ?? "");
  const [attempt, setAttempt] = useState(1);
  const { box, state, problem } = useTerminal({ instance: instance.name, service }, attempt);
  return (
    <Dialog title={`Terminal in ${instance.title}`} size="large" steady onClose={onClose}>
      <div class="log-tools">
        {running.length < 2 ? null : (
          <select
            class="input log-service"
            aria-label="Service"
            value={service}
            onChange={(event) => setService(event.currentTarget.value)}
          >
            {running.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        {state.is === "ended" || problem !== undefined ? (
          <Button size="small" icon="retry" onClick={() => setAttempt(attempt + 1)}>
            Open again
          </Button>
        ) : null}
        <span class="log-state">
          {problem !== undefined ? null : state.is === "ended" ? (
            <Status tone="off">{`Ended with ${state.code}`}</Status>
          ) : state.is === "open" ? (
            <Status tone="good">Open</Status>
          ) : (
            <Status tone="busy">Connecting</Status>
          )}
        </span>
      </div>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      <div class="terminal-frame">
        <div ref={box} class="terminal-box" />
      </div>
      <p class="faint terminal-note">
        Who opens a terminal is written down, what is typed is not. What you change in a container is gone with it, but
        for its volumes.
      </p>
    </Dialog>
  );
}

function useTerminal(wish: { readonly instance: string; readonly service: string }, attempt: number) {
  const { api } = useBeacon();
  const box = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<State>({ is: "connecting" });
  const [problem, setProblem] = useState<Problem>();
  const { instance, service } = wish;
  // The attempt is what starts it again.
  useEffect(() => {
    const closed = new AbortController();
    const { signal } = closed;
    setState({ is: "connecting" });
    setProblem(undefined);
    const run = async (parent: HTMLElement) => {
      // The terminal is large: it comes when somebody wants one.
      const [{ openTerminalView }, { runTerminal }] = await Promise.all([
        import("./xterm-view.ts"),
        import("./run-terminal.ts"),
      ]);
      if (signal.aborted) return;
      const view = openTerminalView(parent);
      signal.addEventListener("abort", view.close, { once: true });
      const onOpen = () => setState({ is: "open" });
      const code = await runTerminal(api.exec, { instance, service }, { view, onOpen, signal });
      setState({ is: "ended", code });
    };
    if (box.current !== null) {
      run(box.current).catch((thrown: unknown) => {
        if (!signal.aborted) setProblem(Problem.wrap(thrown));
      });
    }
    return () => closed.abort();
  }, [api, instance, service, attempt]);
  return { box, state, problem };
}
