import { createServer, request } from "node:http";
import { connect } from "node:net";

/** Stands between an agent and the Docker Engine: writes down what is asked, and can be away. */
export interface DockerProxy {
  readonly socketPath: string;
  /** Each as `METHOD /path?query`, in order. */
  readonly requests: string[];
  /** While it is set, every connection is cut. */
  away: boolean;
  /** While it is set, whatever is asked is taken and never answered, as by a daemon that is stopped or deadlocked. */
  hangs: boolean;
  stop(): Promise<void>;
}

export async function startDockerProxy(socketPath: string, engine = "/var/run/docker.sock"): Promise<DockerProxy> {
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    if (proxy.away) {
      incoming.socket.destroy();
      return;
    }
    if (proxy.hangs) return;
    const { method, url: path, headers } = incoming;
    const onward = request({ socketPath: engine, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  // Standard input of a program in a container goes over a connection that is no longer HTTP.
  server.on("upgrade", (incoming, socket, head) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    if (proxy.hangs) return;
    const onward = connect(engine);
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let n = 0; n < incoming.rawHeaders.length; n += 2) {
      lines.push(`${incoming.rawHeaders[n]}: ${incoming.rawHeaders[n + 1]}`);
    }
    onward.write(`${lines.join("\r\n")}\r\n\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  const proxy: DockerProxy = {
    socketPath,
    requests,
    away: false,
    hangs: false,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return proxy;
}
