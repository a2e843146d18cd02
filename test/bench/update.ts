import { startSteadyApp } from "../agent/steady-app.ts";
import type { Row } from "./table.ts";

const UPDATES = 5;

/** Clients flat out through Caddy while the app behind the route is updated again and again. */
export async function benchUpdate(): Promise<Row[]> {
  const app = await startSteadyApp();
  try {
    const rows: Row[] = [];
    for (const [ends, what] of [
      ["well", "that finishes its answers"],
      ["at once", "that ends at once"],
    ] as const) {
      await app.update({ answer: "0", ends });
      const answers = await app.underLoad(async () => {
        for (let answer = 1; answer <= UPDATES; answer++) await app.update({ answer: String(answer), ends });
      });
      const good = [...answers].filter(([answer]) => /^\d$/.test(answer)).reduce((sum, [, count]) => sum + count, 0);
      const all = [...answers.values()].reduce((sum, count) => sum + count, 0);
      rows.push({
        what: `${UPDATES} updates of an app ${what}: requests failed`,
        ours: `${all - good} of ${all}`,
        peer: "none",
        ratio: undefined,
      });
    }
    return rows;
  } finally {
    await app.stop();
  }
}
