import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Problem } from "#shared/problem.ts";
import { openKeyRing } from "../key-ring.ts";
import { createLog } from "../log.ts";
import { commandKeyRing } from "./command-keys.ts";
import { serveSigner } from "./serve.ts";
import { createSignatureLog } from "./signature-log.ts";
import { createSigner } from "./signer.ts";

const USAGE = "usage: node hub/signer/main.ts --keys <folder> --socket <path>";

try {
  const { values } = parseArgs({ options: { keys: { type: "string" }, socket: { type: "string" } } });
  const { keys, socket } = values;
  if (keys === undefined || socket === undefined) throw new Problem("invalid_input", USAGE);
  const log = createLog("info");
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const ring = openKeyRing(commandKeyRing(keys, Date.now));
  const signer = createSigner(ring, createSignatureLog(join(keys, "signatures.log"), Date.now));
  const stop = await serveSigner(signer, socket, log);
  log.info({ socket }, "the signer is up");
  const end = () => void stop().then(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
} catch (error) {
  const { message, hint, code, cause } = Problem.wrap(error);
  console.error([message, hint].filter((part) => part !== undefined).join(". "));
  if (code === "internal") console.error(cause);
  process.exit(1);
}
