/** The words of a mail, for readers with and without HTML. */
export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");

/**
 * Sets HTML between the head and foot that all mails share. Mail readers know little CSS: one column, styles inline, no
 * pictures, nothing fetched from anywhere.
 */
export const layOut = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;background:#f3f5f8;color:#16202c;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:32px 20px">
<p style="margin:0 0 16px;font-weight:700;letter-spacing:.12em;color:#0b6e69">WOPR</p>
<div style="background:#ffffff;border:1px solid #dde3ea;border-radius:12px;padding:28px">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">${escapeHtml(title)}</h1>
${body}
</div>
</div>
</body>
</html>`;

export const button = (label: string, url: string): string =>
  `<p style="margin:24px 0"><a href="${escapeHtml(url)}" style="display:inline-block;background:#0b6e69;color:#ffffff;text-decoration:none;font-weight:600;padding:12px 22px;border-radius:8px">${escapeHtml(label)}</a></p>`;

export const paragraph = (html: string): string => `<p style="margin:0 0 14px">${html}</p>`;

export const link = (url: string): string =>
  `<a href="${escapeHtml(url)}" style="color:#0b6e69">${escapeHtml(url)}</a>`;
