import type { HandbookFacts } from "./handbook-facts.ts";
import { column, ink, page, type Typesetter } from "./typesetting.ts";

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** The first page: a light over the dark, and whose it is. */
export function drawCover({ pdf, tagging: { tag, decorate } }: Typesetter, facts: HandbookFacts): void {
  decorate(() => {
    pdf.rect(0, 0, page.width, page.height).fill(ink.night);
    const light = { x: page.width - 150, y: 250 };
    for (let ring = 9; ring >= 1; ring--) {
      pdf
        .circle(light.x, light.y, ring * 46)
        .lineWidth(1)
        .strokeOpacity(0.42 - ring * 0.04)
        .stroke(ink.glow);
    }
    pdf.strokeOpacity(1);
    pdf.circle(light.x, light.y, 15).fillOpacity(0.25).fill(ink.glow);
    pdf.circle(light.x, light.y, 7).fillOpacity(1).fill(ink.glow);
    pdf
      .moveTo(page.margin, 738)
      .lineTo(page.width - page.margin, 738)
      .lineWidth(0.5)
      .strokeOpacity(0.4)
      .stroke(ink.glow);
    pdf.strokeOpacity(1);
  });

  pdf.font("Helvetica-Bold").fontSize(13).fillColor(ink.glow);
  tag("P", () => pdf.text("WOPR", page.margin, page.margin, { characterSpacing: 4, lineBreak: false }));

  const oneLine = { width: column, lineBreak: false } as const;
  pdf.font("Helvetica").fontSize(15).fillColor(ink.glow);
  tag("P", () => pdf.text("Handbook of your beacon", page.margin, 540));
  pdf
    .font("Helvetica-Bold")
    .fillColor(ink.paper)
    .fontSize(fitting(pdf, facts.name, 58));
  tag("H1", () => pdf.text(facts.name, page.margin, 564, oneLine));
  pdf.font("Helvetica").fillColor(ink.paper);
  pdf.fontSize(fitting(pdf, facts.domain, 15));
  tag("P", () => pdf.text(facts.domain, page.margin, 640, oneLine));

  pdf.fontSize(10);
  tag("P", () => pdf.text(`For ${facts.email}`, page.margin, 752, { width: column * 0.7, height: 12, ellipsis: true }));
  tag("P", () => pdf.text(day.format(facts.createdAt), page.margin, 752, { width: column, align: "right" }));
}

/** The largest size up to `wanted` at which the text stands on one line of the column. */
function fitting(pdf: Typesetter["pdf"], text: string, wanted: number): number {
  const width = pdf.fontSize(wanted).widthOfString(text);
  return width <= column ? wanted : (wanted * column) / width;
}
