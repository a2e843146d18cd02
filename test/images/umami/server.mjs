import { createServer } from "node:http";
import { escapeHtml, page, readBody, sendHtml, sendJson, stopWhenAsked } from "/usr/local/lib/stand-in/page.mjs";
import { query, quote } from "./postgres.mjs";

const { DATABASE_URL, PORT, HOSTNAME } = process.env;

const describe = (error) => error.message || error.code || String(error);

async function prepareDatabase() {
  if (!DATABASE_URL) throw new Error("DATABASE_URL is not defined.");
  console.log("✓ DATABASE_URL is defined.");
  await query(
    DATABASE_URL,
    "CREATE TABLE IF NOT EXISTS visit (path text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
  ).catch((error) => {
    throw new Error(`Unable to connect to the database: ${describe(error)}`);
  });
  console.log("✓ Database is up to date.");
}

const record = (path) => query(DATABASE_URL, `INSERT INTO visit (path) VALUES (${quote(path.slice(0, 200))})`);

async function overview() {
  const [[count, server]] = await query(DATABASE_URL, "SELECT count(*), current_setting('server_version') FROM visit");
  const latest = await query(
    DATABASE_URL,
    "SELECT path, to_char(at AT TIME ZONE 'UTC', 'HH24:MI:SS') FROM visit ORDER BY at DESC LIMIT 5",
  );
  const database = decodeURIComponent(new URL(DATABASE_URL).pathname.slice(1));
  return page({
    app: "Umami",
    tagline: "Simple, private web analytics",
    accent: "#2f6df6",
    glyph: "U",
    body: `<div class="number">${escapeHtml(count)}</div>
  <p class="soft">visits, counted in the database “${escapeHtml(database)}” of PostgreSQL ${escapeHtml(server.split(" ")[0])}</p>
  <ul>${latest.map(([path, at]) => `<li><span>${escapeHtml(path)}</span><span class="soft">${escapeHtml(at)} UTC</span></li>`).join("")}</ul>`,
  });
}

/** What a tracker on a web page sends: https://docs.umami.is/docs/api/sending-stats */
async function takeEvent(request, response) {
  const event = JSON.parse((await readBody(request)) ?? "{}");
  await record(String(event?.payload?.url ?? "/"));
  sendJson(response, { ok: true });
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/api/heartbeat") return sendJson(response, { ok: true });
  if (pathname === "/api/send" && request.method === "POST") return takeEvent(request, response);
  if (pathname !== "/") return sendJson(response, { error: "not found" }, 404);
  await record(pathname);
  return sendHtml(response, await overview());
}

try {
  await prepareDatabase();
} catch (error) {
  console.log(`✗ ${error.message}`);
  process.exit(1);
}
const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(describe(error));
    sendJson(response, { error: "internal error" }, 500);
  });
});
stopWhenAsked(server);
server.listen(Number(PORT), HOSTNAME, () => console.log(`Ready on port ${PORT}`));
