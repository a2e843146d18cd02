import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { Problem } from "#shared/problem.ts";
import type { AgentEndpoint } from "../ws/agent-endpoint.ts";
import type { HubEnv } from "./env.ts";

/** Requests that are under way get this long when the hub stops. */
const LAST_REQUESTS_MS = 1_500;

export interface HubServer {
  /** The port it listens on: the given one, or the one the system chose for 0. */
  readonly port: number;
  stop(): Promise<void>;
}

export interface ServerParts {
  readonly app: Hono<HubEnv>;
  readonly agents: AgentEndpoint;
  readonly address: { readonly host: string; readonly port: number };
  /** Where root on this machine is the operator. */
  readonly socketPath: string;
}

/**
 * Serves the app and the agents' WebSocket on one port, and the app to root on a socket. A socket that a killed hub has left is replaced.
 * @throws {Problem} `port_taken`, `invalid_input` for a path that is too long
 */
export async function startServer({ app, agents, address, socketPath }: ServerParts): Promise<HubServer> {
  const server = createServer(getRequestListener((request, env) => app.fetch(request, env)));
  const rootServer = createServer(getRequestListener((request, env) => app.fetch(request, { ...env, isRoot: true })));
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (!agents.upgrade(request, socket, head)) refuseUpgrade(socket);
  });
  await listen(server, address);
  await listenForRoot(rootServer, socketPath);
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : address.port,
    stop: async () => {
      agents.stop();
      rootServer.close();
      rootServer.closeAllConnections();
      server.close();
      server.closeIdleConnections();
      // Event streams never end by themselves.
      const patience = setTimeout(() => {
        server.closeAllConnections();
        agents.terminate();
      }, LAST_REQUESTS_MS);
      await once(server, "close");
      clearTimeout(patience);
    },
  };
}

/**
 * Connections that wait to be accepted. The kernel drops those beyond, and they are tried again after 1, 3, 7, … 63 s: with Node's 511 a
 * fleet of ten thousand took minutes to come back. Linux allows `net.core.somaxconn`, 4,096 unless it is set
 * (https://man7.org/linux/man-pages/man2/listen.2.html).
 */
const BACKLOG = 65_535;

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  server.listen({ port, host, backlog: BACKLOG });
  try {
    await once(server, "listening");
  } catch (cause) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    if (!taken) throw cause;
    throw new Problem("port_taken", `port ${port} on ${host} is taken by another program`, {
      hint: "Stop it, or set another listen.port in the configuration.",
      cause,
    });
  }
}

/** Linux: `sun_path` has 108 bytes with the closing zero (unix(7)). */
const LONGEST_SOCKET_PATH = 107;

async function listenForRoot(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
    throw new Problem("invalid_input", `the path of the socket ${path} is too long`, {
      hint: `Choose a dataDirectory whose path leaves the socket at most ${LONGEST_SOCKET_PATH} bytes.`,
    });
  }
  rmSync(path, { force: true });
  server.listen({ path });
  await once(server, "listening");
  chmodSync(path, 0o600);
}

const refuseUpgrade = (socket: Duplex) => socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
