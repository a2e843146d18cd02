import type { HandbookApp } from "./handbook-facts.ts";
import { column, ink, type Place, page, type Typesetter } from "./typesetting.ts";

const PADDING = 18;
const inside: Place = { x: page.margin + PADDING, width: column - 2 * PADDING };

const signOnWords: { readonly [K in HandbookApp["signOn"]]: string } = {
  none: "This app keeps its own accounts: set up yours right after opening it for the first time.",
  oidc: "Sign in with your WOPR account.",
  saml: "Sign in with your WOPR account.",
  "forward-auth": "WOPR asks who you are before it lets anybody reach this app.",
};

/** One app in a frame of its own, which is never cut in two. */
export function drawAppCard(setter: Typesetter, app: HandbookApp): void {
  const { pdf, tagging } = setter;
  const height = heightOfAppCard(setter, app);
  setter.keepTogether(height);
  const top = pdf.y;
  tagging.decorate(() => {
    pdf.roundedRect(page.margin, top, column, height, 8).lineWidth(0.8).stroke(ink.line);
    pdf.rect(page.margin, top + 12, 3, 20).fill(ink.teal);
  });
  setter.bookmark(app.title);
  tagging.group("Sect", () => {
    pdf.y = top + 15;
    setter.subheading(app.title, inside);
    if (app.summary !== "") setter.paragraph(app.summary, inside);
    if (app.url !== undefined) setter.link(app.url, inside);
    if (app.firstSteps.length > 0) setter.steps(app.firstSteps, inside);
    else setter.paragraph(signOnWords[app.signOn], inside);
  });
  pdf.x = page.margin;
  pdf.y = top + height + 14;
}

/** In points. */
export function heightOfAppCard(setter: Typesetter, { summary, url, firstSteps, signOn }: HandbookApp): number {
  const rest =
    firstSteps.length > 0 ? setter.heightOfSteps(firstSteps, inside) : setter.heightOf(signOnWords[signOn], inside) + 8;
  return (
    34 +
    (summary === "" ? 0 : setter.heightOf(summary, inside) + 8) +
    (url === undefined ? 0 : setter.heightOf(url, inside) + 6) +
    rest
  );
}
