import { buffer } from "node:stream/consumers";
import PDFDocument from "pdfkit";
import type { Invoice } from "../objects.ts";
import { day, money } from "./frame.ts";

const LEFT = 56;
const RIGHT = 539;

/** An invoice as a PDF of one page of A4 or more. Equal invoices give equal texts. */
export async function renderInvoice(invoice: Invoice, email: string): Promise<Uint8Array<ArrayBuffer>> {
  const { number, currency, status, lines, total } = invoice;
  const at = invoice.status_transitions.finalized_at ?? invoice.created;
  const document = new PDFDocument({ size: "A4", margin: LEFT, info: { Title: `Invoice ${number}` } });
  const done = buffer(document);
  const row = (title: string, cents: number, isBold = false) => {
    const top = document.y;
    const sum = money(cents, currency).replace("−", "-");
    document.font(isBold ? "Helvetica-Bold" : "Helvetica").text(title, LEFT, top, { width: 360 });
    const bottom = document.y;
    document.text(sum, LEFT, top, { width: RIGHT - LEFT, align: "right" });
    document.y = bottom + 8;
  };
  document.font("Helvetica").fontSize(9).fillColor("#7a4a00");
  document.text("Made by a simulation of Stripe. Nothing was paid.");
  document.fillColor("#1f2430").font("Helvetica-Bold").fontSize(20).text(`Invoice ${number}`, LEFT, 80);
  document
    .font("Helvetica")
    .fontSize(10)
    .text(`${day(at)}, for ${email}. It is ${status}.`)
    .moveDown(2);
  for (const { description, amount } of lines.data) row(description ?? "", amount);
  document.moveTo(LEFT, document.y).lineTo(RIGHT, document.y).strokeColor("#d9dee6").stroke().moveDown(0.5);
  row("Total", total, true);
  row(status === "paid" ? "Paid" : "Due", status === "paid" ? invoice.amount_paid : invoice.amount_due, true);
  document.end();
  return new Uint8Array(await done);
}
