import { createServer } from "node:http";
import { page, sendHtml, stopWhenAsked } from "./page.mjs";

const [how = "well", argument = "0"] = process.argv.slice(2);
const startedAt = Date.now();

if (how === "exit") {
  console.log("reading the configuration");
  console.error("the configuration names a database that does not exist");
  console.error(`giving up with code ${argument}`);
  process.exit(Number(argument));
}

/** Why it is not well now, or undefined. */
function illness() {
  if (how === "never-healthy") return "the index is broken";
  const leftMs = startedAt + Number(argument) * 1000 - Date.now();
  return how === "slow-start" && leftMs > 0 ? `still starting, ${Math.ceil(leftMs / 1000)} s left` : undefined;
}

const server = createServer((request, response) => {
  const wrong = illness();
  if (request.url !== "/health") {
    sendHtml(
      response,
      page({
        app: "Misbehaving",
        tagline: how,
        accent: "#b3402a",
        glyph: "!",
        body: `<p>${wrong ?? "All is well."}</p>`,
      }),
    );
    return;
  }
  if (wrong !== undefined) console.error(`not healthy: ${wrong}`);
  response.writeHead(wrong === undefined ? 200 : 503).end(wrong ?? "ok");
});
if (how === "ignore-sigterm") process.on("SIGTERM", () => console.log("SIGTERM: ignored"));
else stopWhenAsked(server);
server.listen(8080, () => console.log(`started: ${how}`));
