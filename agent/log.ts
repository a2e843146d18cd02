import { type Logger, pino } from "pino";
import { Problem } from "#shared/problem.ts";
import type { AgentConfig } from "./config.ts";

/** What the agent's parts need of a logger. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Members that are never written, wherever they stand in what is logged. */
const secrets = ["token", "authorization", "cookie", "password", "secret", "privateKey"];

const { err } = pino.stdSerializers;

/** A problem as on the wire: pino's redaction works on copies, which have lost the message of an error. */
const problem = (value: unknown) => (value instanceof Problem ? value.toJSON() : value);

/** JSON lines on standard output; the service manager keeps them. */
export const createLog = (level: AgentConfig["logLevel"], destination = pino.destination(1)): Logger =>
  pino(
    {
      level,
      base: null,
      serializers: { err, error: err, cause: err, problem },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[secret]" },
    },
    destination,
  );
