import { randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Me } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { writePrivateFile } from "../private-files.ts";
import type { Audit } from "../store/audit.ts";
import type { Accounts } from "./accounts.ts";

export interface SetupRequest {
  readonly code: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** First start: whoever can read the hub's files becomes its operator. */
export interface Setup {
  isNeeded(): Promise<boolean>;
  /** Makes the one-time code if it is needed. @returns the path of its file. */
  prepare(): Promise<string | undefined>;
  /** @throws {Problem} `conflict` when it was done, `forbidden` for a wrong code */
  complete(request: SetupRequest): Promise<Me>;
}

export function createSetup(accounts: Accounts, audit: Audit, dataDirectory: string): Setup {
  const file = join(dataDirectory, "setup-code");

  return {
    isNeeded: async () => !(await accounts.hasOperator()),
    prepare: async () => {
      if (await accounts.hasOperator()) {
        rmSync(file, { force: true });
        return undefined;
      }
      if (!existsSync(file)) writePrivateFile(file, randomBytes(18).toString("base64url"));
      return file;
    },
    complete: async ({ code, ...account }) => {
      if (await accounts.hasOperator()) throw new Problem("conflict", "this hub was set up already");
      if (!isCode(code, file)) {
        throw new Problem("forbidden", "this is not the set-up code", { hint: `It stands in ${file} on the hub.` });
      }
      const operator = await accounts.createOperator(account);
      rmSync(file, { force: true });
      await audit.write({ actor: operator.email, action: "hub.set-up", subject: operator.id });
      return operator;
    },
  };
}

function isCode(given: string, file: string): boolean {
  if (!existsSync(file)) return false;
  const code = Buffer.from(readFileSync(file, "utf8").trim());
  const candidate = Buffer.from(given.trim());
  return code.length === candidate.length && timingSafeEqual(code, candidate);
}
