import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the site's style sheet is made of, in this order: the console's tokens and controls, then its own. */
export const siteStyles = [
  ...["ui/style/tokens.css", "ui/style/base.css", "ui/components/button.css", "ui/components/field.css"],
  ...["hub/site/site.css", "hub/site/pages.css", "hub/site/order.css"],
] as const;
export const siteFiles = [...siteStyles, "hub/site/progress.js", "hub/site/card.png", "ui/public/favicon.svg"] as const;

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer>;
  /** It has a hash of its content in its path. */
  readonly isHashed: boolean;
}

/** @param root Folder below which `siteFiles` are. */
export function readAssets(root: string) {
  const read = (file: (typeof siteFiles)[number]) => new Uint8Array(readFileSync(join(root, file)));
  const style = siteStyles.map((file) => withoutFonts(new TextDecoder().decode(read(file)))).join("\n");
  return {
    style: hashed("style.css", "text/css", new TextEncoder().encode(style)),
    script: hashed("progress.js", "text/javascript", read("hub/site/progress.js")),
    icon: { path: "/site/icon.svg", type: "image/svg+xml", content: read("ui/public/favicon.svg"), isHashed: false },
    card: { path: "/site/card.png", type: "image/png", content: read("hub/site/card.png"), isHashed: false },
  } satisfies Record<string, Asset>;
}

/** A stranger's first look waits for no font: the system's own stands next in the tokens. */
const withoutFonts = (css: string) => css.replace(/^@import [^\n]+\n/gm, "");

function hashed(name: string, type: string, content: Uint8Array<ArrayBuffer>): Asset {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  return { path: `/site/${name.replace(".", `-${hash}.`)}`, type, content, isHashed: true };
}
