import { Hono } from "hono";
import { html } from "hono/html";
import type { Inbox, ReceivedMail } from "./inbox.ts";

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8884; --accent: #0b6e69 }
@media (prefers-color-scheme: dark) { :root { --accent: #7fe0d4 } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem }
h1 { font-size: 1.25rem } a { color: var(--accent) }
ul { list-style: none; padding: 0 } li { border-top: 1px solid var(--line) }
li a { display: block; padding: .8rem .4rem; text-decoration: none } li a:hover, li a:focus { background: #8881 }
small { opacity: .7; display: block; color: CanvasText }
iframe { width: 100%; height: 46rem; border: 1px solid var(--line); border-radius: .6rem; background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .6rem; padding: 1rem }
`;

type Markup = ReturnType<typeof html>;

const page = (title: string, body: Markup, refresh = false) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
${refresh ? html`<meta http-equiv="refresh" content="3">` : ""}
<title>${title}</title><style>${style}</style></head><body>${body}</body></html>`;

const at = (mail: ReceivedMail) => new Date(mail.receivedAt).toISOString().replace("T", " ").slice(0, 19);

const list = (mails: readonly ReceivedMail[]) => html`<h1>Mailbox</h1>
${mails.length === 0 ? html`<p>No mail yet. This page looks again every three seconds.</p>` : ""}
<ul>${mails.map(
  (mail) =>
    html`<li><a href="/mails/${mail.id}">${mail.subject}<small>to ${mail.to.join(", ")}, ${at(mail)} UTC</small></a></li>`,
)}</ul>`;

const single = (mail: ReceivedMail) => html`<p><a href="/">All mails</a></p><h1>${mail.subject}</h1>
<p><small>from ${mail.from} to ${mail.to.join(", ")}, ${at(mail)} UTC</small></p>
${mail.attachments.map(
  ({ filename }, index) => html`<p><a href="/api/mails/${mail.id}/attachments/${index}" download>${filename}</a></p>`,
)}
${
  mail.html === undefined
    ? html`<pre>${mail.text}</pre>`
    : html`<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/api/mails/${mail.id}/html"></iframe>
<details><summary>As plain text</summary><pre>${mail.text}</pre></details>`
}`;

/** A mail as JSON: attachments as places to fetch them from. */
const summary = ({ attachments, ...mail }: ReceivedMail) => ({
  ...mail,
  attachments: attachments.map(({ filename, contentType, content }, index) => ({
    filename,
    contentType,
    sizeBytes: content.byteLength,
    path: `/api/mails/${mail.id}/attachments/${index}`,
  })),
});

/** The mailbox in a browser, and as JSON under `/api/mails`. What is in a mail runs no script and fetches nothing. */
export function mailboxPages(inbox: Inbox): Hono {
  const app = new Hono();
  app.get("/", (c) => c.html(page("Mailbox", list(inbox.list()), true)));
  app.get("/mails/:id", (c) => {
    const mail = inbox.get(c.req.param("id"));
    return mail === undefined ? c.notFound() : c.html(page(mail.subject, single(mail)));
  });
  app.get("/api/mails", (c) => c.json({ mails: inbox.list().map(summary) }));
  app.get("/api/mails/:id/html", (c) => {
    c.header(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox",
    );
    const body = inbox.get(c.req.param("id"))?.html;
    // Links of a mail open beside the mailbox, not inside the frame.
    return body === undefined ? c.notFound() : c.html(body.replace("<head>", '<head><base target="_blank">'));
  });
  app.get("/api/mails/:id/attachments/:index", (c) => {
    const attachment = inbox.get(c.req.param("id"))?.attachments[Number(c.req.param("index"))];
    if (attachment === undefined) return c.notFound();
    c.header("Content-Type", attachment.contentType);
    c.header("Content-Disposition", `attachment; filename*=UTF-8''${encodeURIComponent(attachment.filename)}`);
    return c.body(new Uint8Array(attachment.content));
  });
  return app;
}
