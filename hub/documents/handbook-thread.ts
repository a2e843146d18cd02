/** The thread that `write-handbook.ts` starts: sets one handbook and ends. */
import { parentPort, workerData } from "node:worker_threads";
import { renderHandbook } from "./handbook.ts";

parentPort?.postMessage(await renderHandbook(workerData));
