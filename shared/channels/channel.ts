import { z } from "zod";
import type { AlertEvent } from "../alerts/evaluate.ts";
import { Problem, parseOr } from "../problem.ts";

/** What people are told, whatever way it takes to them. */
export interface Notice {
  readonly event: AlertEvent;
  readonly beacon: { readonly id: string; readonly name: string; readonly domain: string };
  /** Where to look, a URL. */
  readonly link: string;
}

/** What a way to people may use. */
export interface ChannelTools {
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  /** Sends a mail, or takes it over to be sent; the same id is the same mail. Absent where there is no mail server. */
  readonly mail?: ((mail: { id: string; to: string; subject: string; text: string }) => Promise<void>) | undefined;
}

/** One kind of way to people: e-mail, a chat, a pager. Adding one is adding a file to this folder. */
export interface ChannelKind<Settings extends z.ZodType = z.ZodType> {
  /** Key in settings, for example `slack`. */
  readonly kind: string;
  readonly title: string;
  readonly Settings: Settings;
  /** Names of the settings that nobody is shown. */
  readonly secrets: readonly string[];
  /**
   * Returns once the other side has taken the notice. The same event may be sent again; where the other side can tell, it is told once.
   * @throws {Problem} `channel_refused` when trying again cannot help, `channel_unavailable` when it can
   */
  send(notice: Notice, settings: z.output<Settings>, tools: ChannelTools): Promise<void>;
}

/** A kind whose settings need not be parsed by who has them. */
export interface Channel<Settings extends z.ZodType> extends ChannelKind<Settings> {
  /** As `send`. @throws {Problem} what `send` throws, and `invalid_input` for settings that do not fit */
  deliver(notice: Notice, settings: unknown, tools: ChannelTools): Promise<void>;
}

export const defineChannel = <Settings extends z.ZodType>(kind: ChannelKind<Settings>): Channel<Settings> => ({
  ...kind,
  deliver: async (notice, settings, tools) =>
    kind.send(notice, parseOr(kind.Settings, settings, `the settings of a channel ${kind.kind}`), tools),
});

export const SecretUrl = z.url({ protocol: /^https?$/ }).max(2000);

const TIMEOUT_MS = 15_000;
/** What an error keeps of an answer. */
const LONGEST_ANSWER = 300;

export interface Post {
  /** Names the other side in messages; its URL often is a secret and is never said. */
  readonly to: string;
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts JSON to a channel. @throws {Problem} `channel_refused`, `channel_unavailable` */
export async function post({ to, url, body, headers }: Post, { fetch }: ChannelTools): Promise<void> {
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "wopr", ...headers },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  } as const;
  const answer = await fetch(url, request).catch((error: unknown) => {
    // The error of a failed fetch may name its URL.
    const name = error instanceof Error ? error.name : "unknown";
    throw new Problem("channel_unavailable", `${to} could not be reached (${name})`, {
      hint: "Check the address and the network. It is tried again.",
    });
  });
  const said = (await answer.text().catch(() => "")).slice(0, LONGEST_ANSWER);
  if (answer.ok) return;
  const details = { status: answer.status, said };
  if (answer.status === 429 || answer.status >= 500) {
    const retryAfter = Number(answer.headers.get("retry-after"));
    throw new Problem("channel_unavailable", `${to} does not take notices now (${answer.status})`, {
      hint: "It is tried again.",
      details: { ...details, ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}) },
    });
  }
  throw new Problem("channel_refused", `${to} refused a notice (${answer.status})`, {
    hint: "Check the channel's settings; the address or the key may have been taken back.",
    details,
  });
}

/** The one sentence that every channel shows. */
export const headline = ({ event, beacon }: Notice): string =>
  `${event.kind === "resolved" ? "Over" : event.severity === "critical" ? "Critical" : "Warning"} · ${beacon.name}: ${event.title}`;

/** At most so many characters, the last one an ellipsis when something was cut. */
export const shorten = (text: string, most: number) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
