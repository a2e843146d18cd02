/** The words of a mail, for readers with and without HTML. */
export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A part of a letter. Texts are plain: what they hold is escaped where it has to be. */
export type Block =
  | { readonly kind: "text"; readonly text: string }
  /** What nobody may miss. */
  | { readonly kind: "notice"; readonly text: string }
  /** The one thing to do. */
  | { readonly kind: "button"; readonly label: string; readonly url: string }
  | { readonly kind: "link"; readonly label: string; readonly url: string }
  | { readonly kind: "facts"; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: "places"; readonly title: string; readonly places: readonly Place[] };

export interface Place {
  readonly title: string;
  readonly text: string;
  readonly url: string;
}

export const text = (words: string): Block => ({ kind: "text", text: words });
export const notice = (words: string): Block => ({ kind: "notice", text: words });
export const button = (label: string, url: string): Block => ({ kind: "button", label, url });
export const link = (label: string, url: string): Block => ({ kind: "link", label, url });
export const facts = (...rows: (readonly [label: string, value: string])[]): Block => ({ kind: "facts", rows });

export interface Letter {
  /** Is the heading, too. */
  readonly subject: string;
  /** What mail readers show beside the subject; the first text when absent. */
  readonly preview?: string;
  readonly blocks: readonly Block[];
}

/** A letter for readers with and without HTML, made of the same blocks. Mail readers know little CSS: one column, styles inline, nothing is fetched. */
export const writeLetter = ({ subject, preview, blocks }: Letter): Words => ({
  subject,
  text: `${[subject, ...blocks.map(plainBlock)].join("\n\n")}\n`,
  html: page(subject, preview ?? firstText(blocks), blocks.map(htmlBlock).join("\n")),
});

const firstText = (blocks: readonly Block[]) =>
  blocks.flatMap((block) => (block.kind === "text" ? block.text : []))[0] ?? "";

const LINE_WIDTH = 76;

/** Lines of at most 76 characters; a longer word, such as a URL, stays whole. */
function wrap(words: string): string {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.pop();
    if (last === undefined) lines.push(word);
    else if (last.length + 1 + word.length > LINE_WIDTH) lines.push(last, word);
    else lines.push(`${last} ${word}`);
  }
  return lines.join("\n");
}

function plainBlock(block: Block): string {
  switch (block.kind) {
    case "text":
    case "notice":
      return wrap(block.text);
    case "button":
    case "link":
      return `${block.label}:\n${block.url}`;
    case "facts": {
      const width = Math.max(...block.rows.map(([label]) => label.length)) + 2;
      return block.rows.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}`).join("\n");
    }
    case "places":
      return [`${block.title}:`, ...block.places.map(({ title, url }) => `- ${title}: ${url}`)].join("\n");
  }
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (words: string): string =>
  words.replace(/[&<>"']/g, (character) => entities[character] ?? "");

const anchor = (url: string) =>
  `<a href="${escapeHtml(url)}" style="color:#0b6e69;overflow-wrap:anywhere">${escapeHtml(url)}</a>`;

function htmlBlock(block: Block): string {
  switch (block.kind) {
    case "text":
      return `<p style="margin:0 0 14px">${escapeHtml(block.text)}</p>`;
    case "notice":
      return `<p style="margin:20px 0;padding:12px 16px;background:#fdf5e6;border-left:3px solid #9a5b00;border-radius:0 8px 8px 0">${escapeHtml(block.text)}</p>`;
    case "button":
      return `<p style="margin:24px 0"><a href="${escapeHtml(block.url)}" style="display:inline-block;background:#0b6e69;color:#ffffff;text-decoration:none;font-weight:600;padding:12px 22px;border-radius:8px">${escapeHtml(block.label)}</a></p>`;
    case "link":
      return `<p style="margin:0 0 14px">${escapeHtml(block.label)}:<br>${anchor(block.url)}</p>`;
    case "facts":
      return `<table role="presentation" style="width:100%;margin:20px 0;background:#eef5f5;border-radius:8px;border-spacing:0;padding:8px 16px">\n${block.rows.map(factRow).join("\n")}\n</table>`;
    case "places":
      return `<h2 style="margin:24px 0 10px;font-size:17px">${escapeHtml(block.title)}</h2>\n<ul style="margin:0 0 20px;padding-left:20px">\n${block.places.map(placeItem).join("\n")}\n</ul>`;
  }
}

const factRow = ([label, value]: readonly [string, string]) =>
  `<tr><td style="padding:6px 16px 6px 0;color:#5b6b7c;vertical-align:top;white-space:nowrap">${escapeHtml(label)}</td><td style="padding:6px 0;width:100%;overflow-wrap:anywhere">${escapeHtml(value)}</td></tr>`;

const placeItem = ({ title, text: words, url }: Place) =>
  `<li style="margin:0 0 10px"><strong>${escapeHtml(title)}</strong>${words === "" ? "" : `: ${escapeHtml(words)}`}<br>${anchor(url)}</li>`;

const page = (title: string, preview: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;background:#f3f5f8;color:#16202c;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(preview)}</div>
<div style="max-width:560px;margin:0 auto;padding:32px 20px">
<p style="margin:0 0 16px;font-weight:700;letter-spacing:.12em;color:#0b6e69">WOPR</p>
<div style="background:#ffffff;border:1px solid #dde3ea;border-radius:12px;padding:28px">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">${escapeHtml(title)}</h1>
${body}
</div>
</div>
</body>
</html>`;
