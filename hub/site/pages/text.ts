import type { Page, Site } from "../frame.ts";
import { type Html, html } from "../html.ts";

/** A text of the operator's own: paragraphs, `# headings`, `- lists`, with a blank line between them. */
export const textPage = (site: Site, { title, path, text }: { title: string; path: string; text: string }): Page => ({
  title,
  description: `${title} of ${site.name}`,
  path,
  body: html`<article class="narrow band first prose">${blocksOf(text, title)}</article>`,
});

function blocksOf(text: string, title: string): Html[] {
  const blocks = text
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== "");
  const hasTitle = /^# /.test(blocks[0] ?? "");
  return [...(hasTitle ? [] : [html`<h1>${title}</h1>`]), ...blocks.map(blockOf)];
}

function blockOf(block: string): Html {
  const [, marks = "", heading = ""] = /^(#{1,3}) ([^\n]+)$/.exec(block) ?? [];
  if (marks === "#") return html`<h1>${heading}</h1>`;
  if (marks === "##") return html`<h2>${heading}</h2>`;
  if (marks === "###") return html`<h3>${heading}</h3>`;
  const lines = block.split("\n");
  if (lines.every((line) => line.startsWith("- ")))
    return html`<ul>${lines.map((line) => html`<li>${line.slice(2)}</li>`)}</ul>`;
  return html`<p>${lines.flatMap((line, at) => (at === 0 ? [line] : [html`<br>`, line]))}</p>`;
}
