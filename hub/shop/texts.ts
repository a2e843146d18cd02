import { readFileSync } from "node:fs";
import { Problem } from "#shared/problem.ts";
import type { ShopSettings } from "./stock.ts";

/** A page of the operator's own words. */
export interface SiteText {
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

const titles = { terms: "Terms", privacy: "Privacy", imprint: "Imprint" } as const;

/** @throws {Problem} `invalid_input` that names a file which cannot be read */
export const readTexts = (pages: ShopSettings["pages"]): SiteText[] =>
  (["terms", "privacy", "imprint"] as const).flatMap((name) => {
    const file = pages[name];
    return file === undefined ? [] : [{ path: `/${name}`, title: titles[name], text: read(name, file) }];
  });

function read(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Problem("invalid_input", `the page ${name} of the shop cannot be read from ${file}`, { cause });
  }
}
