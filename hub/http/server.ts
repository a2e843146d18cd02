import { once } from "node:events";
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

/**
 * Serves the app and the agents' WebSocket on one port.
 * @throws {Problem} `port_taken`
 */
export async function startServer(
  app: Hono<HubEnv>,
  agents: AgentEndpoint,
  address: { readonly host: string; readonly port: number },
): Promise<HubServer> {
  const server = createServer(getRequestListener((request, env) => app.fetch(request, env)));
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (!agents.upgrade(request, socket, head)) refuseUpgrade(socket);
  });
  await listen(server, address);
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : address.port,
    stop: async () => {
      agents.stop();
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

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  server.listen(port, host);
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

const refuseUpgrade = (socket: Duplex) => socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
