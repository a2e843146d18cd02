/** What the web servers of the stand-ins share: how a page looks, and how to stop when asked. */

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const escapeHtml = (text) => String(text).replace(/[&<>"]/g, (character) => escapes[character]);

/** A page that says what it is. `body` is HTML, everything else is text. */
export const page = ({ app, tagline, accent, glyph, body }) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(app)}</title>
<style>
  :root { color-scheme: light dark; --accent: ${accent}; --ink: light-dark(#1b2330, #e8edf4);
    --soft: light-dark(#5b6778, #9aa7b8); --card: light-dark(#fff, #171d27); --line: light-dark(#dfe5ec, #2b3543) }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; display: grid; grid-template-rows: 1fr auto; color: var(--ink);
    font: 16px/1.55 system-ui, "Liberation Sans", sans-serif;
    background: light-dark(#f2f5f9, #0e131a) radial-gradient(60rem 30rem at 50% -12rem,
      color-mix(in srgb, var(--accent) 22%, transparent), transparent) }
  main { width: min(34rem, calc(100% - 2rem)); margin: auto; padding: 2rem; background: var(--card);
    border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 12px 40px #0002 }
  header { display: flex; gap: .9rem; align-items: center; margin-bottom: 1.4rem }
  header div { min-width: 0 }
  h1, p, li span { overflow-wrap: anywhere }
  header > span { flex: none; width: 3rem; height: 3rem; border-radius: 12px; display: grid; place-items: center;
    background: var(--accent); color: #fff; font-size: 1.5rem; font-weight: 700 }
  h1 { margin: 0; font-size: 1.35rem; line-height: 1.2 }
  header p, .soft { margin: 0; color: var(--soft) }
  .number { font-size: 3.4rem; font-weight: 700; line-height: 1.1; font-variant-numeric: tabular-nums }
  ul { list-style: none; margin: 1rem 0 0; padding: 0; border-top: 1px solid var(--line) }
  li { display: flex; justify-content: space-between; gap: 1rem; padding: .45rem 0; border-bottom: 1px solid var(--line) }
  form { display: flex; gap: .6rem; margin-top: 1.2rem }
  input { flex: 1; min-width: 0 }
  input, button { font: inherit; padding: .5rem .8rem; border-radius: 8px; border: 1px solid var(--line);
    background: transparent; color: inherit }
  button { background: var(--accent); border-color: var(--accent); color: #fff; font-weight: 600 }
  footer { padding: 1rem; text-align: center; font-size: .8rem; color: var(--soft) }
</style>
<main>
  <header><span aria-hidden="true">${escapeHtml(glyph)}</span><div><h1>${escapeHtml(app)}</h1><p>${escapeHtml(tagline)}</p></div></header>
  ${body}
</main>
<footer>This is a stand-in for ${escapeHtml(app)}, made by WOPR for machines that reach no image registry.</footer>
</html>
`;

export const sendHtml = (response, html, status = 200) => {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(html);
};

export const sendJson = (response, value, status = 200) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

/** The whole body as text; undefined past the limit. */
export async function readBody(request, limitBytes = 64 * 1024) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > limitBytes) return undefined;
  }
  return text;
}

/** The first process of a container gets no default for SIGTERM: without this `docker stop` takes its full ten seconds. */
export function stopWhenAsked(server) {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      console.log(`${signal}: stopping`);
      server.close(() => process.exit(0));
      server.closeIdleConnections();
      setTimeout(() => process.exit(0), 2000).unref();
    });
  }
}
