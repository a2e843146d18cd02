import { z } from "zod";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import type { AlertRule } from "#shared/alerts/rule.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import { verify } from "#shared/protocol/signing.ts";
import { AlertingStatement, type BeaconChannel, type SignedStatement } from "#shared/protocol/statement.ts";
import type { Sealing } from "#shared/sealing.ts";
import type { Log } from "../log.ts";
import type { Settings } from "../store/settings.ts";

/** What the hub said last that this beacon is to watch for, and over what it may tell people itself. */
export interface AlertingSettings {
  /** Those of the house until the hub has said something. */
  rules(): readonly AlertRule[];
  channels(): readonly BeaconChannel[];
  /** Takes a statement over, on disk when it returns. One that does not hold is logged and left. */
  receive(signed: SignedStatement): void;
}

export interface AlertingSettingsOptions {
  readonly settings: Settings;
  readonly sealing: Sealing;
  readonly beacon: string;
  readonly commandKeys: () => Readonly<Record<string, string>>;
  readonly log: Log;
}

const KEY = "alerting";
/** Base64 of the sealed statement: it holds secrets of channels. */
const Stored = z.object({ sealed: z.string() });

export function createAlertingSettings(options: AlertingSettingsOptions): AlertingSettings {
  const { settings, sealing, beacon, commandKeys, log } = options;
  let current = read();

  function read(): AlertingStatement | undefined {
    const stored = settings.get(KEY, Stored);
    if (stored === undefined) return undefined;
    const text = sealing.open(Buffer.from(stored.sealed, "base64"), KEY);
    return parseOr(AlertingStatement, JSON.parse(text), "the stored settings of alerts", "internal");
  }

  /** @throws {Problem} `signature_invalid`, `invalid_frame`, `wrong_beacon`, `command_replayed` */
  function accept(signed: SignedStatement): AlertingStatement {
    const payload: unknown = JSON.parse(verify("alerting", signed, commandKeys()));
    const statement = parseOr(AlertingStatement, payload, "the hub's settings of alerts", "invalid_frame");
    if (statement.beacon !== beacon)
      throw new Problem("wrong_beacon", "settings of alerts are meant for another beacon");
    if (statement.revision < (current?.revision ?? 0)) {
      throw new Problem("command_replayed", "settings of alerts are older than those that this beacon has", {
        details: { revision: statement.revision, known: current?.revision },
      });
    }
    return statement;
  }

  return {
    rules: () => current?.rules ?? defaultAlertRules,
    channels: () => current?.channels ?? [],
    receive: (signed) => {
      try {
        const statement = accept(signed);
        const sealed = Buffer.from(sealing.seal(JSON.stringify(statement), KEY)).toString("base64");
        settings.put(KEY, { sealed });
        current = statement;
      } catch (thrown) {
        const problem = Problem.wrap(thrown);
        log.warn({ problem, cause: problem.cause }, "settings of alerts were not taken over");
      }
    },
  };
}
