import PDFDocument from "pdfkit";

type Pdf = InstanceType<typeof PDFDocument>;

/** Colours and measures of WOPR's documents; lengths are PDF points (1/72 inch), pages A4. */
export const ink = {
  night: "#0c1b2a",
  teal: "#0b6e69",
  glow: "#7fe0d4",
  text: "#16202c",
  muted: "#5b6b7c",
  line: "#dde3ea",
  tint: "#eef5f5",
  sand: "#fdf5e6",
  amber: "#9a5b00",
  paper: "#ffffff",
} as const;

export const page = { width: 595.28, height: 841.89, margin: 64, bottom: 778 } as const;
export const column = page.width - 2 * page.margin;

/** Sets text from top to bottom and turns the page before something would be cut in two. */
export interface Typesetter {
  readonly pdf: Pdf;
  heading(number: number, text: string): void;
  subheading(text: string): void;
  paragraph(text: string): void;
  steps(texts: readonly string[]): void;
  /** A tinted box with a label before each value; a value that is a URL can be clicked. */
  facts(rows: readonly (readonly [label: string, value: string])[]): void;
  /** A box with a coloured edge, for what nobody may miss. */
  notice(title: string, text: string): void;
  /** A clickable address on a line of its own. */
  link(url: string): void;
  space(points: number): void;
  /** Starts a page when less than this is left on the present one. */
  keepTogether(points: number): void;
  /** Numbers the pages and ends the document. */
  finish(footer: string): Promise<Uint8Array>;
}

export interface DocumentInfo {
  readonly title: string;
  readonly author: string;
  /** Milliseconds since the epoch. Equal content and date give equal bytes. */
  readonly createdAt: number;
}

/** Starts a document whose first page is left to the caller, for a cover. */
export function typeset({ title, author, createdAt }: DocumentInfo): Typesetter {
  const pdf = new PDFDocument({
    size: "A4",
    margin: 0,
    bufferPages: true,
    lang: "en",
    displayTitle: true,
    info: { Title: title, Author: author, Creator: "WOPR", Producer: "WOPR", CreationDate: new Date(createdAt) },
  });
  const chunks: Buffer[] = [];
  pdf.on("data", (chunk: Buffer) => chunks.push(chunk));

  const turn = () => {
    pdf.addPage({ size: "A4", margin: 0 });
    pdf.x = page.margin;
    pdf.y = page.margin;
  };
  const keepTogether = (points: number) => {
    if (pdf.y + points > page.bottom) turn();
  };
  const body = () => pdf.font("Helvetica").fontSize(10.5).fillColor(ink.text);
  const write = (text: string, options: PDFKit.Mixins.TextOptions = {}) => {
    const set = { width: column, lineGap: 3.5, ...options };
    keepTogether(pdf.heightOfString(text, set));
    pdf.text(text, page.margin, pdf.y, set);
  };

  return {
    pdf,
    keepTogether,
    heading: (number, text) => {
      if (number === 1) turn();
      else pdf.y += 24;
      keepTogether(110);
      const top = pdf.y;
      pdf.font("Helvetica").fontSize(19).fillColor(ink.teal).text(`${number}`, page.margin, top, { lineBreak: false });
      pdf
        .font("Helvetica-Bold")
        .fillColor(ink.night)
        .text(text, page.margin + 24, top);
      pdf.y += 10;
    },
    subheading: (text) => {
      pdf.font("Helvetica-Bold").fontSize(12).fillColor(ink.night);
      write(text, { lineGap: 1 });
      pdf.y += 2;
    },
    paragraph: (text) => {
      body();
      write(text);
      pdf.y += 8;
    },
    steps: (texts) => {
      for (const [index, text] of texts.entries()) {
        body();
        const set = { width: column - 22, lineGap: 3.5 };
        keepTogether(pdf.heightOfString(text, set) + 5);
        const top = pdf.y;
        pdf
          .font("Helvetica-Bold")
          .fillColor(ink.teal)
          .text(`${index + 1}`, page.margin, top, { width: 16 });
        body().text(text, page.margin + 22, top, set);
        pdf.y += 5;
      }
      pdf.y += 4;
    },
    facts: (rows) => {
      const label = 118;
      const set = { width: column - label - 32, lineGap: 2 };
      body();
      const heights = rows.map(([, value]) => pdf.heightOfString(value, set) + 10);
      const height = heights.reduce((sum, one) => sum + one, 18);
      keepTogether(height + 12);
      pdf.roundedRect(page.margin, pdf.y, column, height, 8).fill(ink.tint);
      let top = pdf.y + 14;
      for (const [index, [name, value]] of rows.entries()) {
        body()
          .fillColor(ink.muted)
          .text(name, page.margin + 16, top, { width: label });
        const url = value.startsWith("http") ? { link: value } : {};
        body()
          .fillColor(value.startsWith("http") ? ink.teal : ink.text)
          .text(value, page.margin + 16 + label, top, { ...set, ...url });
        top += heights[index] ?? 0;
      }
      pdf.x = page.margin;
      pdf.y = top + 16;
    },
    notice: (title, text) => {
      const set = { width: column - 36, lineGap: 3.5 };
      const height = body().heightOfString(text, set) + 44;
      keepTogether(height + 12);
      const top = pdf.y;
      pdf.roundedRect(page.margin, top, column, height, 8).fill(ink.sand);
      pdf.rect(page.margin, top + 8, 3, height - 16).fill(ink.amber);
      pdf
        .font("Helvetica-Bold")
        .fontSize(10.5)
        .fillColor(ink.amber)
        .text(title, page.margin + 18, top + 13, set);
      body().text(text, page.margin + 18, top + 30, set);
      pdf.y = top + height + 12;
    },
    link: (url) => {
      pdf.font("Helvetica").fontSize(10.5).fillColor(ink.teal);
      write(url, { link: url });
      pdf.y += 6;
    },
    space: (points) => {
      pdf.y += points;
    },
    finish: (footer) => {
      const { start, count } = pdf.bufferedPageRange();
      for (let index = start + 1; index < start + count; index++) {
        pdf.switchToPage(index);
        pdf
          .moveTo(page.margin, 798)
          .lineTo(page.width - page.margin, 798)
          .lineWidth(0.5)
          .stroke(ink.line);
        pdf.font("Helvetica").fontSize(8.5).fillColor(ink.muted);
        pdf.text(footer, page.margin, 808, { width: column * 0.85, height: 10, ellipsis: true });
        pdf.text(`${index + 1} / ${count}`, page.margin + column * 0.85, 808, {
          width: column * 0.15,
          align: "right",
          lineBreak: false,
        });
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
