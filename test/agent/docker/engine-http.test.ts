import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EngineHttp, EngineRefusal, engineHttp } from "#agent/docker/engine-http.ts";
import { dockerProblem } from "#agent/docker/failures.ts";

/** An engine that says what a test has it say. */
let answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
let directory: string;
let server: Server;
let engine: EngineHttp;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "wopr-engine-"));
  const socketPath = join(directory, "docker.sock");
  server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    answer(request, response, Buffer.concat(chunks));
  });
  server.listen(socketPath);
  await once(server, "listening");
  engine = engineHttp(socketPath);
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const collect = async (chunks: AsyncIterable<unknown>) => {
  const texts: string[] = [];
  for await (const chunk of chunks) texts.push(String(chunk));
  return texts.join("");
};

describe("ask", () => {
  it("writes a query as the engine reads it, and leaves out what is undefined", async () => {
    answer = ({ url = "" }, response) => {
      response.end(JSON.stringify(Object.fromEntries(new URL(url, "http://engine").searchParams)));
    };
    const query = { all: true, filters: { label: ["a=b&c"] }, name: "web 1", tail: 5, tag: undefined };
    expect(await engine.ask("GET", "/containers/json", { query })).toEqual({
      all: "true",
      filters: '{"label":["a=b&c"]}',
      name: "web 1",
      tail: "5",
    });
  });

  it("sends JSON as JSON, bytes as an archive, and nothing with no type", async () => {
    const seen: (string | undefined)[][] = [];
    answer = ({ method, headers }, response, body) => {
      seen.push([method, headers["content-type"], headers["content-length"], body.toString()]);
      response.writeHead(204).end();
    };
    await engine.ask("POST", "/a", { body: { name: "é" } });
    await engine.ask("PUT", "/b", { body: Buffer.from("tar") });
    await engine.ask("POST", "/c");
    expect(seen).toEqual([
      ["POST", "application/json", "13", '{"name":"é"}'],
      ["PUT", "application/x-tar", "3", "tar"],
      ["POST", undefined, "0", ""],
    ]);
  });

  it("gives nothing where the engine says nothing", async () => {
    answer = (_request, response) => response.writeHead(204).end();
    expect(await engine.ask("POST", "/containers/a/start")).toBeUndefined();
    answer = (_request, response) => response.writeHead(200, { "x-docker-container-path-stat": "e30=" }).end();
    expect(await engine.ask("HEAD", "/containers/a/archive")).toBeUndefined();
  });

  it.each([
    ["in its own words", 404, '{"message":"No such container: a"}', "No such container: a"],
    ["in those of a proxy before it", 502, "<h1>Bad Gateway</h1>", "<h1>Bad Gateway</h1>"],
    ["in JSON that is not the engine's", 400, "[1]", "[1]"],
    ["without a word, and not modified", 304, "", ""],
  ])("is refused %s", async (_how, status, said, message) => {
    answer = (_request, response) => response.writeHead(status).end(said);
    const refusal = await thrownBy(engine.ask("GET", "/x"));
    expect(refusal).toBeInstanceOf(EngineRefusal);
    expect(refusal).toMatchObject({ status, message });
  });

  it("says that an engine is away which is not there, or goes in the middle of an answer", async () => {
    const missing = await thrownBy(engineHttp(join(directory, "none.sock")).ask("GET", "/version"));
    expect(dockerProblem("look", missing)).toMatchObject({ code: "docker_unavailable", message: /ENOENT/ });
    answer = ({ socket }) => socket.destroy();
    expect(dockerProblem("look", await thrownBy(engine.ask("GET", "/version")))).toMatchObject({
      code: "docker_unavailable",
    });
    answer = ({ socket }, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => socket.destroy());
    };
    expect(dockerProblem("look", await thrownBy(engine.ask("GET", "/version")))).toMatchObject({
      code: "docker_unavailable",
    });
  });
});

describe("stream", () => {
  it("gives the answer as it comes", async () => {
    answer = (_request, response) => {
      response.write("one ");
      setTimeout(() => response.end("two"), 20);
    };
    expect(await collect(await engine.stream("GET", "/events"))).toBe("one two");
  });

  it("ends with its signal, before the answer, while it is read, and when nobody reads yet", async () => {
    const hungUp: Promise<unknown>[] = [];
    answer = ({ url }, response) => {
      hungUp.push(once(response, "close"));
      if (url === "/mute") return;
      response.write("one");
    };
    const before = new AbortController();
    const mute = thrownBy(engine.stream("GET", "/mute", { signal: before.signal }));
    before.abort();
    expect(await mute).toMatchObject({ name: "AbortError" });

    const during = new AbortController();
    const read = thrownBy(collect(await engine.stream("GET", "/a", { signal: during.signal })));
    during.abort();
    expect(await read).toMatchObject({ name: "AbortError" });

    const early = new AbortController();
    const unread = await engine.stream("GET", "/b", { signal: early.signal });
    early.abort();
    await new Promise((resolve) => unread.on("close", resolve));
    expect(await thrownBy(collect(unread))).toMatchObject({ name: "AbortError" });
    await Promise.all(hungUp);
  });
});

describe("upgrade", () => {
  it("gives a connection both ways, with what came along with the answer", async () => {
    server.on("upgrade", (request, socket) => {
      const { upgrade, connection } = request.headers;
      socket.write(`HTTP/1.1 101 UPGRADED\r\nConnection: ${connection}\r\nUpgrade: ${upgrade}\r\n\r\nearly `);
      socket.pipe(socket);
    });
    const socket = await engine.upgrade("POST", "/exec/a/start", { body: {} });
    socket.end("and late");
    expect(await collect(socket)).toMatch(/early .*and late$/);
  });

  it("is refused in the engine's words, and not taken for one where the engine goes on with HTTP", async () => {
    answer = (_request, response) => response.writeHead(409).end('{"message":"container is paused"}');
    expect(await thrownBy(engine.upgrade("POST", "/exec/a/start"))).toMatchObject({
      status: 409,
      message: "container is paused",
    });
    answer = (_request, response) => response.end("hello");
    expect(await thrownBy(engine.upgrade("POST", "/exec/a/start"))).toMatchObject({ status: 200 });
  });
});
