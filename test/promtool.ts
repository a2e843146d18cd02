import { spawn } from "node:child_process";

/** What `promtool check metrics` has to say of a page of metrics: nothing, when it finds no fault. */
export function checkMetrics(page: string): Promise<string> {
  const promtool = spawn("promtool", ["check", "metrics"]);
  let said = "";
  const listen = (chunk: unknown) => {
    said += String(chunk);
  };
  promtool.stdout.on("data", listen);
  promtool.stderr.on("data", listen);
  promtool.stdin.end(page);
  return new Promise((resolve, reject) => {
    promtool.on("error", reject);
    promtool.on("close", (code) => resolve(code === 0 ? said : `exit code ${code}: ${said}`));
  });
}
