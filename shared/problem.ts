import { z } from "zod";

/**
 * Every way in which WOPR can say no. The list is closed: a new kind of failure is a new line here, with the HTTP
 * status it answers with, and whether trying the same thing again can help without anybody changing anything.
 */
export const problemCodes = {
  invalid_input: { status: 400, retryable: false },
  not_signed_in: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  conflict: { status: 409, retryable: false },
  too_large: { status: 413, retryable: false },
  too_many_requests: { status: 429, retryable: true },
  internal: { status: 500, retryable: false },
  unavailable: { status: 503, retryable: true },

  invalid_frame: { status: 400, retryable: false },
  protocol_unsupported: { status: 426, retryable: false },
  key_refused: { status: 401, retryable: false },
  /** The hub has shut this beacon's agent out. */
  beacon_revoked: { status: 403, retryable: false },
  enrolment_token_unknown: { status: 401, retryable: false },
  enrolment_token_used: { status: 401, retryable: false },
  enrolment_token_expired: { status: 401, retryable: false },
  /** The token is for another server than the one that used it. */
  enrolment_elsewhere: { status: 403, retryable: false },

  signature_invalid: { status: 401, retryable: false },
  command_expired: { status: 410, retryable: false },
  command_replayed: { status: 409, retryable: false },
  /** The beacon had accepted it, and does not know it any more. */
  command_lost: { status: 410, retryable: true },
  wrong_beacon: { status: 403, retryable: false },
  unknown_command: { status: 404, retryable: false },
  agent_offline: { status: 503, retryable: true },

  module_unknown: { status: 404, retryable: false },
  manifest_invalid: { status: 422, retryable: false },
  compose_invalid: { status: 422, retryable: false },
  /** What the owner has not bought. */
  not_entitled: { status: 403, retryable: false },
  /** The architecture, the kernel or a device is not there that something needs. */
  machine_unsuitable: { status: 409, retryable: false },
  dependency_missing: { status: 409, retryable: false },
  port_taken: { status: 409, retryable: false },
  out_of_memory: { status: 507, retryable: false },
  disk_full: { status: 507, retryable: false },
  image_missing: { status: 404, retryable: false },
  registry_unreachable: { status: 502, retryable: true },
  container_unhealthy: { status: 502, retryable: false },
  container_exited: { status: 502, retryable: false },
  docker_unavailable: { status: 503, retryable: true },
  docker_refused: { status: 502, retryable: false },
  no_subnet: { status: 507, retryable: false },
  caddy_unavailable: { status: 503, retryable: true },
  routes_refused: { status: 422, retryable: false },
  not_converging: { status: 500, retryable: false },
  cancelled: { status: 409, retryable: false },
  timed_out: { status: 504, retryable: true },

  provider_refused: { status: 502, retryable: false },
  provider_unavailable: { status: 503, retryable: true },
  /** It does not know the credentials, or they may too little: the operator has to give others. */
  provider_credentials: { status: 502, retryable: false },
  /** What was asked for cannot be had there now; somebody else may have it. */
  provider_out_of_stock: { status: 503, retryable: true },
  /** The account may have no more there; somebody else's may. */
  provider_quota: { status: 507, retryable: false },
  billing_refused: { status: 502, retryable: false },
  billing_unavailable: { status: 503, retryable: true },
  /** The customer's card, not the way to it. */
  payment_declined: { status: 402, retryable: false },
  dns_not_ready: { status: 503, retryable: true },
  mail_refused: { status: 502, retryable: true },
  channel_refused: { status: 502, retryable: false },
  channel_unavailable: { status: 503, retryable: true },
} as const;

export type ProblemCode = keyof typeof problemCodes;

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemCodes, code);

/** A `Problem` on the wire and at rest. `details` is evidence: values, paths, the last log lines; never a secret. */
export const ProblemBody = z.object({
  code: z.string().refine(isProblemCode, "an unknown problem code"),
  message: z.string(),
  hint: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ProblemBody = z.output<typeof ProblemBody>;

export interface ProblemOptions {
  /** What the reader can do next. */
  readonly hint?: string | undefined;
  readonly details?: Record<string, unknown> | undefined;
  readonly cause?: unknown;
}

/** Of Node (errno(3)), and of SQLite: https://www.sqlite.org/rescode.html#full */
const fullDiskCodes = ["ENOSPC", "EDQUOT", "SQLITE_FULL", "SQLITE_IOERR_WRITE"] as const;

/** The one error of WOPR. Thrown near the cause; caught at the edges (HTTP, inbox, background loops) only. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  /** @param message What happened and where, as one sentence without a full stop. */
  constructor(code: ProblemCode, message: string, options: ProblemOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }

  /** HTTP status of this kind of problem. */
  get status() {
    return problemCodes[this.code].status;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get retryable() {
    return problemCodes[this.code].retryable;
  }

  toJSON(): ProblemBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }

  static from(body: ProblemBody): Problem {
    return new Problem(body.code, body.message, { hint: body.hint, details: body.details });
  }

  /**
   * Turns anything thrown into a `Problem`; what is not one already becomes `internal` with its cause kept for the log, but for a
   * disk that is full, which is nobody's defect.
   */
  static wrap(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    if (thrown instanceof Error && "code" in thrown && fullDiskCodes.some((code) => code === thrown.code)) {
      return new Problem("disk_full", "there is no room left on the disk", {
        hint: "Free some. What was under way goes on by itself then.",
        cause: thrown,
      });
    }
    return new Problem("internal", "something unexpected went wrong", {
      hint: "This is a defect in WOPR. The log has the details.",
      cause: thrown,
    });
  }
}

/**
 * Parses what came in over an edge.
 * @param what Names the thing in the message, for example "command input".
 * @throws {Problem} `invalid_input` (or `code`) that lists each wrong path and what was expected there.
 */
export function parseOr<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
  code: ProblemCode = "invalid_input",
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem(code, `${what} is not valid: ${describeIssues(parsed.error)}`, {
    details: {
      issues: parsed.error.issues.map((issue) => ({ path: issue.path.join("."), expected: issueSentence(issue) })),
    },
  });
}

/** One line for people: `parameters.port: expected number; name: too short`. */
export const describeIssues = (error: z.ZodError): string =>
  error.issues
    .map((issue) => (issue.path.length === 0 ? "" : `${issue.path.join(".")}: `) + issueSentence(issue))
    .join("; ");

/** What zod says, without the kind of check that it names first: `expected number, received string`. */
export const issueSentence = ({ message }: Pick<z.core.$ZodIssue, "message">): string =>
  message.replace(/^(?:Invalid \w+|Too big|Too small): (?=expected )/, "");
