import { type ExecItem, type ExecRequest, type ExecWord, OUTPUT_WINDOW_BYTES } from "#shared/api/exec.ts";
import type { Me } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { ExecStatement } from "#shared/protocol/statement.ts";
import type { NewId } from "./id.ts";
import type { Signer } from "./signer/signer.ts";
import type { Audit } from "./store/audit.ts";
import type { Links } from "./ws/links.ts";

/** The agent is there now, or it is not. */
const TTL_MS = 60_000;
const MAX_ACTOR_LENGTH = 200;

export interface ExecOrder {
  readonly beacon: string;
  readonly user: Me;
  readonly request: ExecRequest;
}

/** Programs that people run in containers of beacons, through this hub. Who, where and when is in the audit log. */
export interface ExecSessions {
  /** The first item names the session. @throws {Problem} `agent_offline`, or the agent's own */
  open(order: ExecOrder, signal: AbortSignal): AsyncGenerator<ExecItem[]>;
  /** @throws {Problem} `not_found` for a session that has ended or is not this user's */
  tell(session: string, of: { readonly beacon: string; readonly user: Me }, words: readonly ExecWord[]): void;
}

export interface ExecSessionsParts {
  readonly links: Pick<Links, "openStream">;
  readonly signer: Pick<Signer, "sign">;
  readonly audit: Audit;
  readonly now: () => number;
  readonly newId: NewId;
}

interface Opened {
  readonly beacon: string;
  readonly user: string;
  readonly tell: (words: readonly ExecWord[]) => void;
  /** What the reader has taken, at most. */
  passedBytes: number;
}

export function createExecSessions({ links, signer, audit, now, newId }: ExecSessionsParts): ExecSessions {
  const opened = new Map<string, Opened>();

  async function* open({ beacon, user, request }: ExecOrder, signal: AbortSignal): AsyncGenerator<ExecItem[]> {
    const id = newId("exec");
    const actor = user.email.slice(0, MAX_ACTOR_LENGTH);
    const statement: ExecStatement = { beacon, id, request, actor, expiresAt: now() + TTL_MS };
    const signed = { statement: await signer.sign("exec", statement) };
    const onOpen = (tell: Opened["tell"]) => {
      opened.set(id, { beacon, user: user.id, tell, passedBytes: 0 });
    };
    const write = (action: string, details: Record<string, unknown>) =>
      audit.write({ actor: user.email, action, subject: beacon, details: { session: id, ...details } });
    let ending: Record<string, unknown> | undefined;
    try {
      for await (const items of links.openStream(beacon, "exec", signed, { signal, onOpen })) {
        for (const item of items) {
          if (item.type === "opened") {
            ending = { reason: "the reader went" };
            await write("exec.open", { container: item.container, program: item.program });
          }
          if (item.type === "exit") ending = { exitCode: item.code };
        }
        yield items;
        const session = opened.get(id);
        if (session !== undefined) session.passedBytes += outputBytes(items);
      }
    } catch (error) {
      if (ending !== undefined) ending = { reason: Problem.wrap(error).message };
      throw error;
    } finally {
      opened.delete(id);
      if (ending !== undefined) await write("exec.end", ending);
    }
  }

  return {
    open,
    tell: (id, { beacon, user }, words) => {
      const session = opened.get(id);
      if (session === undefined || session.beacon !== beacon || session.user !== user.id) {
        throw new Problem("not_found", "this program has ended, or was not started by you");
      }
      session.tell(words.map((word) => notMoreThanPassed(word, session.passedBytes)));
    },
  };
}

/**
 * A reader who says of more than it was given that it was shown would have the rest pile up here. What was just given is
 * counted a moment late, so one window is let through on trust.
 */
const notMoreThanPassed = (word: ExecWord, passedBytes: number): ExecWord =>
  word.type === "shown" ? { ...word, bytes: Math.min(word.bytes, passedBytes + OUTPUT_WINDOW_BYTES) } : word;

const outputBytes = (items: readonly ExecItem[]) =>
  items.reduce((sum, item) => sum + (item.type === "output" ? Buffer.byteLength(item.bytes, "base64") : 0), 0);
