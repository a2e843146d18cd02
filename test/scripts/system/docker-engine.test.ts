import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { engineAnswers, startEngine } from "#scripts/system/docker-engine.ts";

const root = mkdtempSync(join(tmpdir(), "wopr-engine-"));
/** A folder of its own for each test: an engine of an earlier one may still be ending. */
const newFolder = () => mkdtempSync(join(root, "test-"));
afterAll(() => rmSync(root, { recursive: true }));
const settingsIn = (folder: string) => ({
  socketPath: join(folder, "docker.sock"),
  logFile: join(folder, "log/dockerd.log"),
});

/** A program in place of dockerd, so that the tests need no second engine. */
function fakeDockerd(folder: string, script: string): string {
  const dockerd = join(folder, "dockerd");
  writeFileSync(dockerd, `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
  return dockerd;
}

/** Answers for a second and a half, then ends, so that none is left behind. */
const answering = `
  const socket = process.argv[process.argv.indexOf("--host") + 1].slice("unix://".length);
  require("node:http").createServer((request, response) => response.end("OK")).listen(socket);
  setTimeout(() => process.exit(0), 1500);`;

describe("engineAnswers", () => {
  it("is false without a socket", async () => expect(await engineAnswers("/nowhere/docker.sock")).toBe(false));

  it("is false when the engine is ill", async () => {
    const { socketPath } = settingsIn(newFolder());
    const server = createServer((_, response) => response.writeHead(500).end()).listen(socketPath);
    expect(await engineAnswers(socketPath)).toBe(false);
    server.close();
  });
});

describe("startEngine", () => {
  it("waits until the engine answers", async () => {
    const folder = newFolder();
    const settings = settingsIn(folder);
    await startEngine({ ...settings, dockerd: fakeDockerd(folder, answering), timeoutMs: 10_000 });
    expect(await engineAnswers(settings.socketPath)).toBe(true);
  });

  it("gives the end of the log when the engine ends", async () => {
    const folder = newFolder();
    const dockerd = fakeDockerd(folder, 'console.error("failed to start daemon: no space"); process.exit(1)');
    await expect(startEngine({ ...settingsIn(folder), dockerd, timeoutMs: 10_000 })).rejects.toThrow(
      /was started and ended.*\n.*failed to start daemon: no space/,
    );
  });

  it("gives up in time when the engine only hangs", async () => {
    const folder = newFolder();
    const dockerd = fakeDockerd(folder, 'console.log("still loading"); setTimeout(() => {}, 1500)');
    await expect(startEngine({ ...settingsIn(folder), dockerd, timeoutMs: 700 })).rejects.toThrow(
      /does not answer after 0.7 s.*\n.*still loading/,
    );
  });

  it("says so when there is no such program", async () => {
    const gone = { ...settingsIn(newFolder()), dockerd: "/nowhere/dockerd", timeoutMs: 5000 };
    await expect(startEngine(gone)).rejects.toThrow("/nowhere/dockerd was started and ended");
  });
});
