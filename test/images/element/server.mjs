import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { escapeHtml, page, sendHtml, sendJson, stopWhenAsked } from "./page.mjs";

const folder = "/app";
const port = Number(process.env.ELEMENT_WEB_PORT);
const types = { ".json": "application/json", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

/** The start page names the home server of the config that it was given, read anew each time. */
async function startPage() {
  const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
  const home = config.default_server_config?.["m.homeserver"] ?? {};
  return page({
    app: "Element",
    tagline: "Chat that nobody else owns",
    accent: "#0dbd8b",
    glyph: "e",
    body: `<p class="soft">Your home server</p>
  <p style="font-size:1.5rem;font-weight:600;margin:.2rem 0 1rem">${escapeHtml(home.server_name ?? home.base_url ?? "none")}</p>
  <ul><li><span>Brand</span><span class="soft">${escapeHtml(config.brand ?? "Element")}</span></li>
  <li><span>Address</span><span class="soft">${escapeHtml(home.base_url ?? "none")}</span></li></ul>`,
  });
}

async function answer(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  if (path === "/" || path === "/index.html") return sendHtml(response, await startPage());
  const file = join(folder, path);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return sendJson(response, { error: "not found" }, 404);
  response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain", "cache-control": "no-cache" });
  return request.method === "HEAD" ? response.end() : createReadStream(file).pipe(response);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.message);
    sendJson(response, { error: "internal error" }, 500);
  });
});
stopWhenAsked(server);
server.listen(port, () => console.log(`serving ${folder} on port ${port}`));
