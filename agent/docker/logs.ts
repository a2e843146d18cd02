import type { LogLine, LogOptions } from "#shared/api/beacon.ts";
import type { DockerConnection } from "./connection.ts";
import type { EngineContainer } from "./engine-api.ts";
import { mergeInto } from "./merge.ts";
import { labels } from "./names.ts";
import { demultiplex } from "./streams.ts";

export interface LogRequest extends LogOptions {
  readonly instance: string;
  readonly replica?: number | undefined;
  readonly generation?: string | undefined;
}

/** How many lines of a service are looked through for those that match. */
const MOST_SEARCHED = 20_000;

/** Lines of all chosen services, each service in its own order. Ends when its containers end, or with the signal. */
export type ReadLogs = (request: LogRequest, signal: AbortSignal) => AsyncIterable<LogLine>;

export const dockerLogs = ({ engine, names, call }: DockerConnection): ReadLogs =>
  async function* (request, signal) {
    const filters = names.partFilters(request);
    const listed = (await call("list containers", () => engine.listContainers({ all: true, filters }))) ?? [];
    const containers = listed.filter(
      ({ Labels }) =>
        (request.replica === undefined || Labels[labels.replica] === String(request.replica)) &&
        (request.generation === undefined || Labels[labels.generation] === request.generation),
    );
    const closing = new AbortController();
    const ending = AbortSignal.any([signal, closing.signal]);
    const sources = containers.map(({ Id, Labels }) =>
      linesOf(engine.getContainer(Id), Labels[labels.service] ?? "", { ...request, signal: ending }),
    );
    try {
      yield* mergeInto(sources);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      closing.abort();
    }
  };

async function* linesOf(
  container: EngineContainer,
  service: string,
  request: LogRequest & { signal: AbortSignal },
): AsyncGenerator<LogLine> {
  const { match, tail } = request;
  const lines = readLines(container, service, { ...request, tail: match === undefined ? tail : MOST_SEARCHED });
  if (match === undefined) {
    yield* lines;
    return;
  }
  const wanted = match.toLowerCase();
  const found: LogLine[] = [];
  for await (const line of lines) {
    if (!line.text.toLowerCase().includes(wanted)) continue;
    // Of a log that goes on nobody can say which line is the last.
    if (request.follow) yield line;
    else if (found.push(line) > tail) found.shift();
  }
  yield* found;
}

async function* readLines(
  container: EngineContainer,
  service: string,
  { tail, follow, since, until, signal }: LogRequest & { signal: AbortSignal },
): AsyncGenerator<LogLine> {
  // The engine takes seconds, with a fraction.
  const span = {
    ...(since === undefined ? {} : { since: since / 1000 }),
    ...(until === undefined ? {} : { until: until / 1000 }),
  };
  const options = { stdout: true, stderr: true, timestamps: true, tail, ...span };
  const source = await container.logs({ ...options, follow, abortSignal: signal });
  const rest = { stdout: "", stderr: "" };
  for await (const { stream, bytes } of demultiplex(source)) {
    const lines = (rest[stream] + bytes.toString("utf8")).split("\n");
    rest[stream] = lines.pop() ?? "";
    for (const line of lines) yield logLine(service, stream, line);
  }
  for (const stream of ["stdout", "stderr"] as const) {
    if (rest[stream] !== "") yield logLine(service, stream, rest[stream]);
  }
}

/** With `timestamps` each line begins with a time of RFC 3339 and a space. */
function logLine(service: string, stream: LogLine["stream"], line: string): LogLine {
  const space = line.indexOf(" ");
  const at = Date.parse(line.slice(0, space));
  const text = line.slice(space + 1).replace(/\r$/, "");
  return Number.isNaN(at) ? { service, stream, text: line } : { at, service, stream, text };
}
