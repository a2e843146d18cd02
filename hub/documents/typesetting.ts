import PDFDocument from "pdfkit";
import { type Tagging, tagged } from "./tagging.ts";

type Pdf = InstanceType<typeof PDFDocument>;

/** Colours and measures of WOPR's documents; lengths are PDF points (1/72 inch), pages A4. */
export const ink = {
  night: "#0c1b2a",
  teal: "#0b6e69",
  glow: "#7fe0d4",
  text: "#16202c",
  muted: "#52606f",
  line: "#dde3ea",
  tint: "#eef5f5",
  sand: "#fdf5e6",
  amber: "#8a5000",
  paper: "#ffffff",
} as const;

export const page = { width: 595.28, height: 841.89, margin: 64, bottom: 778 } as const;
export const column = page.width - 2 * page.margin;

const BODY = { size: 10.5, lineGap: 3.5 } as const;
/** Room of a step's number before its text. */
const NUMBER = 26;

/** Where a text stands, when not in the whole column. */
export interface Place {
  readonly x: number;
  readonly width: number;
}
const wholeColumn: Place = { x: page.margin, width: column };

/** Sets text from top to bottom and turns the page before something would be cut in two. */
export interface Typesetter {
  readonly pdf: Pdf;
  readonly tagging: Tagging;
  /** A numbered section, told to readers as one. It begins where its title and so many more points find room. */
  section(number: number, title: string, fill: () => void, points?: number): void;
  subheading(text: string, place?: Place): void;
  paragraph(text: string, place?: Place): void;
  /** Smaller, for what is said aside. */
  aside(text: string, place?: Place): void;
  steps(texts: readonly string[], place?: Place): void;
  heightOfSteps(texts: readonly string[], place?: Place): number;
  heightOf(text: string, place?: Place): number;
  /** A tinted box with a label before each value; a value that is a URL can be clicked. */
  facts(rows: readonly (readonly [label: string, value: string])[]): void;
  /** A box with a coloured edge, for what nobody may miss. */
  notice(title: string, text: string): void;
  /** A clickable address on a line of its own. */
  link(url: string, place?: Place): void;
  /** An entry among the bookmarks, below that of the section. */
  bookmark(title: string): void;
  /** Starts a page when less than this is left on the present one. */
  keepTogether(points: number): void;
  /** Numbers the pages and ends the document. */
  finish(footer: string): Promise<Uint8Array>;
}

export interface DocumentInfo {
  readonly title: string;
  readonly author: string;
  readonly subject: string;
  /** Milliseconds since the epoch. Equal content and date give equal bytes. */
  readonly createdAt: number;
}

/** Starts a document whose first page is left to the caller, for a cover. */
export function typeset({ title, author, subject, createdAt }: DocumentInfo): Typesetter {
  const pdf = new PDFDocument({
    size: "A4",
    margin: 0,
    bufferPages: true,
    pdfVersion: "1.7",
    tagged: true,
    lang: "en",
    displayTitle: true,
    info: {
      ...{ Title: title, Author: author, Subject: subject, Creator: "WOPR", Producer: "WOPR" },
      CreationDate: new Date(createdAt),
    },
  });
  const chunks: Buffer[] = [];
  pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
  const tagging = tagged(pdf);
  const { tag, group, decorate } = tagging;
  let bookmarks = pdf.outline;

  const turn = () => {
    pdf.addPage({ size: "A4", margin: 0 });
    pdf.x = page.margin;
    pdf.y = page.margin;
  };
  const keepTogether = (points: number) => {
    if (pdf.y + points > page.bottom) turn();
  };
  const body = () => pdf.font("Helvetica").fontSize(BODY.size).fillColor(ink.text);
  const bold = (size: number, color: string) => pdf.font("Helvetica-Bold").fontSize(size).fillColor(color);
  const heightOf = (text: string, { width }: Place = wholeColumn) =>
    body().heightOfString(text, { width, lineGap: BODY.lineGap });
  const stepPlace = ({ x, width }: Place): Place => ({ x: x + NUMBER, width: width - NUMBER });
  const heightOfStep = (text: string, place: Place) => Math.max(16, heightOf(text, stepPlace(place))) + 6;

  const number = (digits: number, x: number, top: number) => {
    decorate(() => pdf.circle(x + 7.5, top + 5, 8).fill(ink.tint));
    const set = { width: 15, align: "center", lineBreak: false } as const;
    tag("Lbl", () => bold(8.5, ink.teal).text(`${digits}`, x, top + 2, set));
  };

  return {
    pdf,
    tagging,
    keepTogether,
    heightOf,
    section: (nth, text, fill, points = 70) => {
      if (nth === 1) turn();
      else pdf.y += 26;
      keepTogether(50 + points);
      bookmarks = pdf.outline.addItem(text, { expanded: true });
      group("Sect", () => {
        const top = pdf.y;
        pdf.font("Helvetica").fontSize(19).fillColor(ink.teal);
        decorate(() => pdf.text(`${nth}`, page.margin, top, { lineBreak: false }));
        tag("H2", () => bold(19, ink.night).text(text, page.margin + 24, top, { width: column - 24 }));
        pdf.y += 10;
        fill();
      });
    },
    subheading: (text, { x, width } = wholeColumn) => {
      keepTogether(48);
      tag("H3", () => bold(12, ink.night).text(text, x, pdf.y, { width, lineGap: 1 }));
      pdf.y += 3;
    },
    paragraph: (text, place = wholeColumn) => {
      keepTogether(heightOf(text, place));
      const { x, width } = place;
      tag("P", () => body().text(text, x, pdf.y, { width, lineGap: BODY.lineGap }));
      pdf.y += 8;
    },
    aside: (text, { x, width } = wholeColumn) => {
      keepTogether(24);
      tag("P", () =>
        pdf.font("Helvetica").fontSize(9.5).fillColor(ink.muted).text(text, x, pdf.y, { width, lineGap: 2.5 }),
      );
      pdf.y += 4;
    },
    heightOfSteps: (texts, place = wholeColumn) => texts.reduce((sum, text) => sum + heightOfStep(text, place), 4),
    steps: (texts, place = wholeColumn) => {
      group("L", () => {
        for (const [index, text] of texts.entries()) {
          keepTogether(heightOfStep(text, place));
          const top = pdf.y;
          const { x, width } = stepPlace(place);
          group("LI", () => {
            number(index + 1, place.x, top);
            tag("LBody", () => body().text(text, x, top, { width, lineGap: BODY.lineGap }));
          });
          pdf.y = Math.max(pdf.y, top + 16) + 6;
        }
      });
      pdf.y += 4;
    },
    facts: (rows) => {
      const label = 118;
      const set = { width: column - label - 32, lineGap: 2 };
      body();
      const heights = rows.map(([, value]) => pdf.heightOfString(value, set) + 10);
      const height = heights.reduce((sum, one) => sum + one, 18);
      keepTogether(height + 12);
      decorate(() => pdf.roundedRect(page.margin, pdf.y, column, height, 8).fill(ink.tint));
      let top = pdf.y + 14;
      group("Table", () => {
        for (const [index, [name, value]] of rows.entries()) {
          group("TR", () => {
            tag("TH", () =>
              body()
                .fillColor(ink.muted)
                .text(name, page.margin + 16, top, { width: label }),
            );
            const write = (url: { link?: string }) =>
              body()
                .fillColor(url.link === undefined ? ink.text : ink.teal)
                .text(value, page.margin + 16 + label, top, { ...set, ...url });
            if (value.startsWith("http")) group("TD", () => tag("Link", () => write({ link: value })));
            else tag("TD", () => write({}));
          });
          top += heights[index] ?? 0;
        }
      });
      pdf.x = page.margin;
      pdf.y = top + 16;
    },
    notice: (heading, text) => {
      const place = { x: page.margin + 18, width: column - 36 };
      const height = heightOf(text, place) + 44;
      keepTogether(height + 12);
      const top = pdf.y;
      decorate(() => {
        pdf.roundedRect(page.margin, top, column, height, 8).fill(ink.sand);
        pdf.rect(page.margin, top + 8, 3, height - 16).fill(ink.amber);
      });
      tag("H3", () => bold(BODY.size, ink.amber).text(heading, place.x, top + 13, { width: place.width }));
      tag("P", () => body().text(text, place.x, top + 30, { width: place.width, lineGap: BODY.lineGap }));
      pdf.y = top + height + 12;
    },
    link: (url, place = wholeColumn) => {
      keepTogether(heightOf(url, place));
      const { x, width } = place;
      const set = { width, lineGap: BODY.lineGap, link: url };
      group("P", () => tag("Link", () => body().fillColor(ink.teal).text(url, x, pdf.y, set)));
      pdf.y += 6;
    },
    bookmark: (text) => {
      bookmarks.addItem(text);
    },
    finish: (footer) => {
      tagging.end();
      const { start, count } = pdf.bufferedPageRange();
      for (let index = start + 1; index < start + count; index++) {
        pdf.switchToPage(index);
        decorate(() => drawFooter(pdf, footer, `${index + 1} / ${count}`), "Pagination");
      }
      const ended = new Promise<Uint8Array>((resolve, reject) => {
        pdf.on("end", () => resolve(new Uint8Array(Buffer.concat(chunks))));
        pdf.on("error", reject);
      });
      pdf.end();
      return ended;
    },
  };
}

function drawFooter(pdf: Pdf, text: string, pages: string): void {
  pdf
    .moveTo(page.margin, 798)
    .lineTo(page.width - page.margin, 798)
    .lineWidth(0.5)
    .stroke(ink.line);
  pdf.font("Helvetica").fontSize(8.5).fillColor(ink.muted);
  pdf.text(text, page.margin, 808, { width: column * 0.85, height: 10, ellipsis: true });
  pdf.text(pages, page.margin + column * 0.85, 808, { width: column * 0.15, align: "right", lineBreak: false });
}
