import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EngineHttp, engineHttp } from "#agent/docker/engine-http.ts";
import { EngineSilence } from "#agent/docker/engine-silence.ts";
import { createDocker } from "#agent/docker.ts";
import { Problem } from "#shared/problem.ts";

const times = { lookMs: 400, pingEveryMs: 40, pingMs: 150 };

/** An engine that takes every connection and answers as a test has it; one that hangs answers no ping either. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let isHanging: boolean;
let pings: number;
let directory: string;
let socketPath: string;
let server: Server;
let engine: EngineHttp;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "wopr-silent-"));
  socketPath = join(directory, "docker.sock");
  isHanging = false;
  pings = 0;
  server = createServer((request, response) => {
    if (request.url !== "/_ping") return answer(request, response);
    pings += 1;
    if (!isHanging) response.end("OK");
  });
  server.listen(socketPath);
  await once(server, "listening");
  engine = engineHttp(socketPath, times);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

/** Answers once the engine has been asked so many times whether it is there. */
const afterPings = (count: number, response: ServerResponse) => {
  const look = setInterval(() => {
    if (pings < count) return;
    clearInterval(look);
    response.end('{"Id":"a"}');
  }, 5);
};

describe("an engine that hangs", () => {
  it.each([
    ["what is looked up", (http: EngineHttp) => http.ask("GET", "/containers/json")],
    ["what takes long to look up", (http: EngineHttp) => http.ask("GET", "/system/df", { isSlow: true })],
    ["a change", (http: EngineHttp) => http.ask("POST", "/containers/a/stop")],
    ["a pull before it begins", (http: EngineHttp) => http.stream("POST", "/images/create")],
    ["a program before it begins", (http: EngineHttp) => http.upgrade("POST", "/exec/a/start", { body: {} })],
  ])("breaks off %s", async (_what, work) => {
    isHanging = true;
    answer = () => undefined;
    server.on("upgrade", () => undefined);
    await expect(work(engine)).rejects.toThrow(new EngineSilence("no answer to a ping in 150 ms"));
  });

  it("breaks off an answer that it has begun", async () => {
    answer = (_request, response) => {
      isHanging = true;
      response.writeHead(200, { "content-length": "100" }).write("{");
    };
    await expect(engine.ask("POST", "/containers/create")).rejects.toThrow(EngineSilence);
  });

  it("is told of as away, with what could not be done and what to look at", async () => {
    isHanging = true;
    answer = () => undefined;
    const docker = createDocker({ socketPath, scope: "test", engineTimes: times });
    const problem = await docker.containers.list().catch(Problem.wrap);
    expect(problem).toMatchObject({
      code: "docker_unavailable",
      message: "could not list containers: Docker does not answer (ETIMEDOUT)",
      hint: expect.stringContaining("systemctl status docker"),
    });
  });

  it("is asked again as if nothing had been, once it answers", async () => {
    isHanging = true;
    answer = () => undefined;
    await expect(engine.ask("GET", "/version")).rejects.toThrow(EngineSilence);
    isHanging = false;
    answer = (_request, response) => response.end('{"Version":"1"}');
    expect(await engine.ask("GET", "/version")).toEqual({ Version: "1" });
  });
});

describe("an engine that is at work", () => {
  it.each([
    ["a change", (http: EngineHttp) => http.ask("POST", "/containers/a/stop")],
    ["what takes long to look up", (http: EngineHttp) => http.ask("GET", "/system/df", { isSlow: true })],
  ])("is waited for with %s for as long as it says that it is there", async (_what, work) => {
    answer = (_request, response) => afterPings(15, response);
    expect(await work(engine)).toEqual({ Id: "a" });
    expect(pings).toBeGreaterThanOrEqual(15);
  });

  it("has so long to look something up, and no longer, also when it answers others", async () => {
    answer = () => undefined;
    await expect(engine.ask("GET", "/containers/a/json")).rejects.toThrow(new EngineSilence("no answer in 400 ms"));
    expect(pings).toBeGreaterThan(1);
  });

  it("streams on through any silence once it has begun, and is asked nothing meanwhile", async () => {
    let response: ServerResponse | undefined;
    answer = (_request, begun) => {
      response = begun;
      begun.write("first ");
    };
    const log = await engine.stream("GET", "/containers/a/logs");
    isHanging = true;
    setTimeout(() => response?.end("last"), 3 * times.lookMs);
    const heard: string[] = [];
    for await (const chunk of log) heard.push(String(chunk));
    expect([heard.join(""), pings]).toEqual(["first last", 0]);
  });

  it("keeps the connection to a program that says nothing", async () => {
    server.on("upgrade", (_request, socket) => {
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      setTimeout(() => socket.end("done"), 2 * times.lookMs);
    });
    const socket = await engine.upgrade("POST", "/exec/a/start", { body: {} });
    isHanging = true;
    const heard: string[] = [];
    for await (const chunk of socket) heard.push(String(chunk));
    expect(heard.join("")).toBe("done");
  });
});
