import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LogLine } from "#shared/api/beacon.ts";
import type { InstanceStatus } from "#shared/inventory.ts";
import type { ProblemBody } from "#shared/problem.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { ProblemBox } from "../components/problem-box.tsx";
import { SearchBox } from "../components/search-box.tsx";
import { Status } from "../components/status.tsx";
import { downloadText } from "../download-text.ts";
import type { LinkState } from "../event-stream.ts";
import { useBeacon } from "./beacon-store.ts";
import { appendLines, type NumberedLine, plainText } from "./log-buffer.ts";
import "./logs-dialog.css";

/** Below this distance from the end the reader counts as being there. */
const AT_END_PX = 24;

/** The log of an app as it is written. Scrolling up stops following; the end takes it up again. */
export function LogsDialog({ instance, onClose }: { instance: InstanceStatus; onClose: () => void }) {
  const [span, setSpan] = useState("");
  const [match, setMatch] = useState<string>();
  const { lines, state, ended, problem } = useLog(instance.name, span, match);
  const [search, setSearch] = useState("");
  const [service, setService] = useState("");
  const names = [...new Set(instance.services.map(({ name }) => name))];
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLDivElement>(null);

  const wanted = search.toLowerCase();
  const shown = lines.filter(
    (line) => (service === "" || line.service === service) && line.text.toLowerCase().includes(wanted),
  );
  const newest = shown.at(-1)?.number;
  // A new line is what moves the end.
  useLayoutEffect(() => {
    if (follow) box.current?.scrollTo(0, box.current.scrollHeight);
  }, [follow, newest]);

  return (
    <Dialog title={`Log of ${instance.title}`} size="large" onClose={onClose}>
      <div class="log-tools">
        <SearchBox
          label="Filter lines"
          value={search}
          onInput={(text) => {
            setSearch(text);
            setMatch(undefined);
          }}
        />
        {search === "" || match === search ? null : (
          <Button size="small" onClick={() => setMatch(search)}>
            Search older lines
          </Button>
        )}
        <select
          class="input log-service"
          aria-label="Written since"
          value={span}
          onChange={(event) => setSpan(event.currentTarget.value)}
        >
          <option value="">Last lines</option>
          <option value="15">Last 15 minutes</option>
          <option value="60">Last hour</option>
          <option value="1440">Last day</option>
        </select>
        {names.length < 2 ? null : (
          <select
            class="input log-service"
            aria-label="Service"
            value={service}
            onChange={(event) => setService(event.currentTarget.value)}
          >
            <option value="">All services</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        <label class="switch">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />
          Follow
        </label>
        <Button
          kind="quiet"
          size="small"
          icon="download"
          label="Download these lines"
          disabled={shown.length === 0}
          onClick={() => downloadText({ name: `${instance.name}.log`, type: "text/plain", text: asText(shown) })}
        />
        <span class="log-state">
          <LogState state={state} ended={ended} />
        </span>
      </div>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      <div
        ref={box}
        class="log"
        role="log"
        aria-live="off"
        aria-label={`Log of ${instance.title}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        onScroll={({ currentTarget: element }) => {
          const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX;
          if (atEnd !== follow) setFollow(atEnd);
        }}
      >
        {shown.length === 0 ? (
          <p class="log-none">{lines.length === 0 ? "Nothing was written yet." : "No line matches."}</p>
        ) : null}
        {shown.map((line) => (
          <LogRow key={line.number} line={line} services={names.length > 1} />
        ))}
      </div>
    </Dialog>
  );
}

function LogState({ state, ended }: { state: LinkState; ended: boolean }) {
  if (ended) return <Status tone="off">Ended</Status>;
  if (state === "open") return <Status tone="good">Live</Status>;
  return <Status tone="busy">{state === "connecting" ? "Connecting" : "Trying again"}</Status>;
}

const LogRow = ({ line, services }: { line: NumberedLine; services: boolean }) => (
  <div class="log-line" data-stream={line.stream}>
    {line.at === undefined ? null : (
      <span class="log-at">{new Date(line.at).toLocaleTimeString(undefined, { hourCycle: "h23" })}</span>
    )}
    {services ? <span class="log-from">{line.service}</span> : null}
    <span class="log-text">{plainText(line.text)}</span>
  </div>
);

interface Log {
  readonly lines: readonly NumberedLine[];
  readonly state: LinkState;
  readonly ended: boolean;
  readonly problem: ProblemBody | undefined;
}

const asText = (lines: readonly NumberedLine[]) =>
  lines
    .map(({ at, service, text }) => `${at === undefined ? "" : `${new Date(at).toISOString()} `}${service} ${text}\n`)
    .join("");

/** @param span In minutes until now; empty for the last lines. */
function useLog(instance: string, span: string, match: string | undefined): Log {
  const { api } = useBeacon();
  const [lines, setLines] = useState<readonly NumberedLine[]>([]);
  const [state, setState] = useState<LinkState>("connecting");
  const [ended, setEnded] = useState(false);
  const [problem, setProblem] = useState<ProblemBody>();
  useEffect(() => {
    // A container can write thousands of lines a second: they are shown once a frame.
    let waiting: LogLine[] = [];
    let frame = 0;
    setEnded(false);
    setProblem(undefined);
    const since = span === "" ? undefined : Date.now() - Number(span) * 60_000;
    const close = api.followLogs(
      { instance, since, match },
      {
        onLine: (line) => {
          waiting.push(line);
          if (frame !== 0) return;
          frame = requestAnimationFrame(() => {
            const taken = waiting;
            waiting = [];
            frame = 0;
            setLines((known) => appendLines(known, taken));
          });
        },
        onEnd: (why) => {
          setEnded(true);
          setProblem(why);
        },
        onState: (now) => {
          setState(now);
          // A new connection sends the last lines again.
          if (now !== "open") return;
          waiting = [];
          setLines([]);
        },
      },
    );
    return () => {
      cancelAnimationFrame(frame);
      close();
    };
  }, [api, instance, span, match]);
  return { lines, state, ended, problem };
}
