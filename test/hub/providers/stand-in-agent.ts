/** Takes the place of an agent: reads its configuration, says so in its log, and runs until it is told to end. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const file = process.argv[process.argv.indexOf("--config") + 1] ?? "";
const config: { dataDirectory: string; enrolmentTokenFile: string } = JSON.parse(readFileSync(file, "utf8"));

if (process.argv.includes("--stubborn")) process.on("SIGTERM", () => console.log("not yet"));
mkdirSync(config.dataDirectory, { recursive: true });
// An agent deletes its token after use, and stays enrolled.
rmSync(config.enrolmentTokenFile, { force: true });
writeFileSync(join(config.dataDirectory, "enrolled"), String(process.pid));
console.log(`agent ${process.pid} with ${Object.keys(process.env).sort().join(" ")}`);
setInterval(() => undefined, 60_000);
