import { type Logger, pino, stdSerializers } from "pino";
import { Problem } from "#shared/problem.ts";

/** Names under which a secret might come into the log by mistake, at the top or one level down. */
const secrets = ["authorization", "cookie", "password", "secret", "session", "signature", "token"];

/** JSON lines on the standard output (https://getpino.io). */
export const createLog = (level: string): Logger =>
  pino({
    level,
    base: null,
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
    serializers: {
      cause: stdSerializers.err,
      error: stdSerializers.err,
      // Message and stack of an error are not among the properties that are copied.
      problem: (value: unknown) => (value instanceof Problem ? value.toJSON() : value),
    },
  });
