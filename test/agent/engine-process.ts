/**
 * An agent's engine as a process of its own, which dies of SIGKILL at a chosen moment: right before it carries out the
 * first step whose title begins with the given words, or as soon as the given number of steps is done, while others may
 * be under way.
 * Arguments: the configuration as JSON, the order as JSON, those words or that number.
 */
import { AgentConfig } from "#agent/config.ts";
import type { CommandOrder } from "#agent/journal.ts";
import { ended, startEngine } from "./beacon.ts";

const [configText = "", orderText = "", deadly = ""] = process.argv.slice(2);
const order: CommandOrder = JSON.parse(orderText);
const engine = startEngine(AgentConfig.parse(JSON.parse(configText)), { progressMs: 0 });
engine.queue.onChange(({ progress }) => {
  if (progress === undefined) return;
  const isTime = /^\d+$/.test(deadly) ? progress.step > Number(deadly) : progress.title.startsWith(deadly);
  if (isTime) process.kill(process.pid, "SIGKILL");
});
engine.queue.accept(order);
await ended(engine, order.id);
await engine.end();
