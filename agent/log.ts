import { type Logger, pino } from "pino";
import type { AgentConfig } from "./config.ts";

/** What the agent's parts need of a logger. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Members that are never written, wherever they stand in what is logged. */
const secrets = ["token", "authorization", "cookie", "password", "secret", "privateKey"];

/** JSON lines on standard output; the service manager keeps them. */
export const createLog = (level: AgentConfig["logLevel"]): Logger =>
  pino({
    level,
    base: null,
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[secret]" },
  });
