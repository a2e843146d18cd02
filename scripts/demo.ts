/**
 * `npm run demo`: the whole way once on this machine, from a purchase to running apps, and then prints where to look until
 * Ctrl-C. With `--check` it verifies everything from outside instead, cleans up and exits 0, or says what failed.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "#shared/problem.ts";
import { demoOrder } from "./demo/buy.ts";
import { type Demo, deliver } from "./demo/deliver.ts";
import { choosePlace, type Place } from "./demo/place.ts";
import { demoShop } from "./demo/shop.ts";
import { createStages } from "./demo/stage.ts";
import { verifyFromOutside } from "./demo/verify.ts";
import { verifyCustomer } from "./demo/verify-customer.ts";

const root = join(import.meta.dirname, "..");
const print = (line: string) => console.log(line);

function printWhereToLook({ operator, folder }: Place, { hub, mailbox, stripe, delivered: { inventory } }: Demo) {
  const apps = inventory.instances.flatMap(({ title, urls }) => urls.map((url) => `  App       ${url}   ${title}`));
  const [bundle] = demoShop.bundles;
  print(`
  Shop      ${hub.url}/bundles/${bundle?.id}   buy a beacon of your own, with the card 4242 4242 4242 4242
  Stripe    ${stripe.url}   simulated here: nothing is paid, and no card leaves this machine
  Console   ${hub.url}   ${operator.email} / ${operator.password}
  Mailbox   ${mailbox}   all mail: to ${demoOrder.email}, and to whatever address you buy with
  Beacon    ${inventory.dashboardUrl}   open it from the console, signed in
${apps.join("\n")}

  The beacon signs its own certificates here, so the browser will ask first.
  Logs are in ${folder}. Ctrl-C stops and removes everything.`);
}

const stopAsked = () =>
  new Promise<"stop">((resolve) => {
    // npm passes on a Ctrl-C that this process already has from the terminal: it may come twice.
    process.on("SIGINT", () => resolve("stop"));
    process.on("SIGTERM", () => resolve("stop"));
  });

function explain(thrown: unknown, { folder }: Place) {
  const problem = Problem.wrap(thrown);
  console.error(`\n${problem.message}${problem.hint === undefined ? "" : `\n${problem.hint}`}`);
  if (problem.details !== undefined) console.error(JSON.stringify(problem.details, null, 2));
  if (problem.code === "internal") console.error(problem.cause ?? problem);
  console.error(`\nLogs are in ${folder}: hub.log, and an agent.log for each beacon.`);
}

async function main(check: boolean): Promise<number> {
  const place = await choosePlace(root, check ? "check" : "demo");
  const stages = createStages(print, Date.now);
  const undos: (() => Promise<void>)[] = [];
  const cleanUp = async () => {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
  };
  const asked = stopAsked();
  try {
    const walk = async () => {
      const demo = await deliver({ place, stages, print, onCleanUp: (undo) => undos.push(undo) });
      if (check) {
        await verifyFromOutside(stages, demo.client, demo.delivered, demo.mailbox);
        return verifyCustomer(stages, demo);
      }
      printWhereToLook(place, demo);
      await asked;
    };
    const stopped = await Promise.race([walk(), asked]);
    if (stopped === "stop") print("\nStopping…");
    await stages.run("cleaned up", cleanUp);
    rmSync(place.folder, { recursive: true, force: true });
    return check && stopped === "stop" ? 130 : 0;
  } catch (thrown) {
    explain(thrown, place);
    return 1;
  } finally {
    await cleanUp();
  }
}

process.exitCode = await main(process.argv.includes("--check"));
