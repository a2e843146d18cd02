import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { askHttp, askSocket } from "#agent/http.ts";

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let url: URL;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = new URL(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/somewhere?a=b`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const echo: typeof answer = async (request, response) => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const { method, url: path, headers } = request;
  response.writeHead(201).end(JSON.stringify({ method, path, type: headers["content-type"], text }));
};

it("sends what it is given and reads the whole answer, whatever its status", async () => {
  answer = echo;
  const headers = { "content-type": "application/json" };
  const { status, text } = await askHttp(url, { method: "POST", headers, body: '{"é":1}' });
  expect(status).toBe(201);
  expect(JSON.parse(text)).toEqual({
    method: "POST",
    path: "/somewhere?a=b",
    type: "application/json",
    text: '{"é":1}',
  });
  answer = (_request, response) => response.writeHead(503).end("away");
  expect(await askHttp(url, {})).toEqual({ status: 503, text: "away" });
});

it("goes nowhere that an answer sends it", async () => {
  const paths: (string | undefined)[] = [];
  answer = ({ url: path }, response) => {
    paths.push(path);
    response.writeHead(302, { location: "/elsewhere" }).end();
  };
  expect((await askHttp(url, {})).status).toBe(302);
  expect(paths).toEqual(["/somewhere?a=b"]);
});

it("reads no more than it may", async () => {
  answer = (_request, response) => response.end("x".repeat(100_000));
  expect((await askHttp(url, { largestBytes: 100_000 })).text).toHaveLength(100_000);
  await expect(askHttp(url, { largestBytes: 99_999 })).rejects.toThrow(/more than 99999 bytes/);
});

it("throws when the answer breaks off, does not come in time, or is not waited for any more", async () => {
  answer = (_request, response) => {
    response.writeHead(200, { "content-length": "10" });
    response.write("12", () => response.destroy());
  };
  await expect(askHttp(url, {})).rejects.toMatchObject({ code: "ECONNRESET" });
  answer = () => undefined;
  await expect(askHttp(url, { timeout: 30 })).rejects.toThrow("no answer within 30 ms");
  await expect(askHttp(url, { signal: AbortSignal.timeout(30) })).rejects.toMatchObject({ name: "AbortError" });
  server.closeAllConnections();
  server.close();
  await expect(askHttp(url, {})).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

it("asks over a Unix socket, too", async () => {
  const directory = mkdtempSync(join(tmpdir(), "wopr-http-"));
  const socketPath = join(directory, "it.sock");
  const onPath = createServer((request, response) => echo(request, response)).listen(socketPath);
  await once(onPath, "listening");
  const { text } = await askSocket({ socketPath, method: "PUT", path: "/here", body: "hello" });
  expect(JSON.parse(text)).toMatchObject({ method: "PUT", path: "/here", text: "hello" });
  onPath.closeAllConnections();
  onPath.close();
  rmSync(directory, { recursive: true });
});
