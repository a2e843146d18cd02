import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { escapeHtml, page, readBody, sendHtml, sendJson, stopWhenAsked } from "./page.mjs";

const { DATA_FOLDER = "/data", ROCKET_ADDRESS, ROCKET_PORT, DOMAIN = "http://localhost" } = process.env;
// Upstream's default: anybody may sign up. https://github.com/dani-garcia/vaultwarden/blob/1.37.2/.env.template
const signupsAllowed = process.env.SIGNUPS_ALLOWED !== "false";
const adminPage = Boolean(process.env.ADMIN_TOKEN);

const database = new DatabaseSync(join(DATA_FOLDER, "db.sqlite3"));
database.exec("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL)");
const items = () => database.prepare("SELECT name, at FROM item ORDER BY id DESC").all();

const overview = () => {
  const kept = items();
  return page({
    app: "Vaultwarden",
    tagline: DOMAIN,
    accent: "#175ddc",
    glyph: "V",
    body: `<div class="number">${kept.length}</div>
  <p class="soft">${kept.length === 1 ? "item" : "items"} kept in ${escapeHtml(DATA_FOLDER)} · sign-ups ${signupsAllowed ? "open" : "closed"} · admin page ${adminPage ? "on" : "off"}</p>
  <form method="post" action="/items"><input name="name" required maxlength="80" placeholder="A word to remember (nothing secret)" aria-label="A word to remember"><button>Keep</button></form>
  <ul>${kept
    .slice(0, 5)
    .map(
      ({ name, at }) =>
        `<li><span>${escapeHtml(name)}</span><span class="soft">${escapeHtml(at.slice(0, 16).replace("T", " "))}</span></li>`,
    )
    .join("")}</ul>`,
  });
};

async function keepItem(request, response) {
  const name = new URLSearchParams(await readBody(request)).get("name")?.slice(0, 80);
  if (!name) return sendJson(response, { error: "an item needs a name" }, 400);
  database.prepare("INSERT INTO item (name, at) VALUES (?, ?)").run(name, new Date().toISOString());
  return response.writeHead(303, { location: "/" }).end();
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/alive") {
    items();
    return sendJson(response, new Date().toISOString());
  }
  if (pathname === "/items" && request.method === "POST") return keepItem(request, response);
  if (pathname === "/items") return sendJson(response, items());
  if (pathname !== "/") return sendJson(response, { error: "not found" }, 404);
  return sendHtml(response, overview());
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.message);
    sendJson(response, { error: "internal error" }, 500);
  });
});
stopWhenAsked(server);
server.listen(Number(ROCKET_PORT), ROCKET_ADDRESS, () => console.log(`Rocket has launched from port ${ROCKET_PORT}`));
