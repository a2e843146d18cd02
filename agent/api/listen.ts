import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { Problem } from "#shared/problem.ts";
import type { Log } from "../log.ts";

/** Linux: `sun_path` has 108 bytes with the closing zero (unix(7)). */
const LONGEST_SOCKET_PATH = 107;

/** Where one app is served. */
export type ApiAddress =
  | { readonly path: string /** Permissions of the socket, for example 0o600. */; readonly mode: number }
  | { readonly host: string; readonly port: number };

export interface ApiSocket {
  readonly address: ApiAddress;
  /** Loaded at the first request: an agent that nobody looks at does without its weight. */
  readonly load: () => Promise<RequestListener>;
}

/**
 * Serves each app on its own socket. A socket file that a killed agent has left is replaced, so the caller must be the
 * only agent here.
 * @returns stops it and breaks off what is being answered
 * @throws {Problem} `port_taken`, `invalid_input` for a path that is too long
 */
export async function serveApi(sockets: readonly ApiSocket[], log: Log): Promise<() => Promise<void>> {
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map(closeServer));
  };
  try {
    for (const { address, load } of sockets) servers.push(await listen(address, load, log));
  } catch (error) {
    await close();
    throw error;
  }
  return close;
}

async function listen(address: ApiAddress, load: ApiSocket["load"], log: Log): Promise<Server> {
  let loading: Promise<RequestListener> | undefined;
  const server = createServer((request, response) => {
    loading ??= load();
    loading.then(
      (handle) => handle(request, response),
      (error: unknown) => {
        loading = undefined;
        log.error({ error }, "the API could not be loaded");
        response.writeHead(500).end();
      },
    );
  });
  if ("path" in address) await listenOnPath(server, address.path, address.mode);
  else await listenOnPort(server, address.host, address.port);
  server.on("error", (error) => log.error({ error }, "the API cannot take connections"));
  return server;
}

async function listenOnPath(server: Server, path: string, mode: number) {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
    throw new Problem("invalid_input", `the path of the socket ${path} is too long`, {
      hint: `Choose a data folder whose sockets have at most ${LONGEST_SOCKET_PATH} bytes in their paths.`,
    });
  }
  rmSync(path, { force: true });
  server.listen({ path });
  await once(server, "listening");
  chmodSync(path, mode);
}

async function listenOnPort(server: Server, host: string, port: number) {
  server.listen({ host, port });
  await once(server, "listening").catch((cause: unknown) => {
    throw new Problem("port_taken", `the API cannot listen on ${host}:${port}`, {
      hint: "Another program may use the port. Choose another one as listen in the configuration.",
      cause,
    });
  });
}

async function closeServer(server: Server) {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
