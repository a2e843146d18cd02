import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Demo, deliver } from "#scripts/demo/deliver.ts";
import { choosePlace, type Place } from "#scripts/demo/place.ts";
import { createStages } from "#scripts/demo/stage.ts";

export const root = join(import.meta.dirname, "../..");

export interface WholeWay extends Demo {
  readonly place: Place;
  readonly remove: () => Promise<void>;
}

/** The demo's delivered beacon, for a test that goes on from there. */
export async function walkTheWholeWay(): Promise<WholeWay> {
  const place = await choosePlace(root, "check");
  const undos: (() => Promise<void>)[] = [];
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const remove = async () => {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
    rmSync(place.folder, { recursive: true, force: true });
  };
  try {
    const stages = createStages(print, Date.now);
    const demo = await deliver({ place, stages, print, onCleanUp: (undo) => undos.push(undo) });
    return { ...demo, place, remove };
  } catch (error) {
    await remove();
    throw new Error(`the whole way broke off:\n${lines.join("\n")}`, { cause: error });
  }
}
