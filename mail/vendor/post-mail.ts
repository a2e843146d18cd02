import { z } from "zod";
import { Problem } from "#shared/problem.ts";

/** Silence after which a request has failed. */
const SILENCE_MS = 30_000;
/** What a problem keeps of a vendor's words. */
const LONGEST_REASON = 300;

export interface VendorCall {
  /** Names the vendor in messages. */
  readonly title: string;
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  /** Which no message may hold. */
  readonly secret: string;
  readonly fetch?: typeof fetch | undefined;
}

export interface VendorAnswer {
  readonly status: number;
  /** Parsed where it is JSON; text otherwise. */
  readonly body: unknown;
}

/**
 * One request to a vendor of mail. It is not repeated here: the mails that wait are, with pauses that grow.
 * @throws {Problem} `mail_refused` when there is no answer
 */
export async function callVendor({
  title,
  url,
  secret,
  fetch: send = fetch,
  ...request
}: VendorCall): Promise<VendorAnswer> {
  try {
    const answer = await send(url, { ...request, redirect: "error", signal: AbortSignal.timeout(SILENCE_MS) });
    return { status: answer.status, body: readJson(await answer.text()) };
  } catch (error) {
    // Its words may hold the address; its name and code do not.
    const { data } = Coded.safeParse(error);
    const name = data?.cause.code ?? (error instanceof Error ? error.name : "unknown");
    throw new Problem("mail_refused", `${title} could not be reached (${name})`, {
      hint: "The mail is kept and tried again.",
      details: { server: title },
    });
  }
}

const Coded = z.object({ cause: z.object({ code: z.string() }) });

const Refusal = z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]);

/** What an answer other than success comes to. */
export function refusalOf(
  { status, body }: VendorAnswer,
  { title, secret }: Pick<VendorCall, "title" | "secret">,
): Problem {
  const said = Refusal.safeParse(body).data?.replaceAll(secret, "…").slice(0, LONGEST_REASON);
  return new Problem("mail_refused", `${title} did not take the mail: ${said || `it answered ${status}`}`, {
    hint:
      status === 401 || status === 403
        ? `Check the API key and the sender of ${title} in the settings.`
        : "The mail is kept and tried again.",
    details: { server: title, status },
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
