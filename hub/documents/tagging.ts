import type PDFDocument from "pdfkit";

type Pdf = InstanceType<typeof PDFDocument>;

/** Says what each thing on a page is, so that a screen reader can read it out and jump in it (ISO 32000-1, section 14.8). */
export interface Tagging {
  /** Text of one kind, for example `P`, `H2`, `Lbl`. It has to fit on the page where it begins. */
  tag(type: string, draw: () => void): void;
  /** A kind that consists of others, for example a list `L` or a section `Sect`. */
  group(type: string, fill: () => void): void;
  /** What nobody has to be told of: lines, boxes, and what stands on every page. */
  decorate(draw: () => void, kind?: "Layout" | "Pagination"): void;
  /** Nothing can be added any more. */
  end(): void;
}

export function tagged(pdf: Pdf): Tagging {
  const root = pdf.struct("Document");
  pdf.addStructure(root);
  let within = root;
  return {
    tag: (type, draw) => {
      within.add(pdf.struct(type, {}, [draw]));
    },
    group: (type, fill) => {
      const outer = within;
      const inner = pdf.struct(type);
      outer.add(inner);
      within = inner;
      fill();
      within = outer;
      inner.end();
    },
    decorate: (draw, kind = "Layout") => {
      pdf.markContent("Artifact", { type: kind });
      draw();
      pdf.endMarkedContent();
    },
    end: () => root.end(),
  };
}
