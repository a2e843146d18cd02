import { createServer, request } from "node:http";

/** Stands between an agent and the Docker Engine: writes down what is asked, and can be away. */
export interface DockerProxy {
  readonly socketPath: string;
  /** Each as `METHOD /path?query`, in order. */
  readonly requests: string[];
  /** While it is set, every connection is cut. */
  away: boolean;
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
    const { method, url: path, headers } = incoming;
    const onward = request({ socketPath: engine, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  const proxy: DockerProxy = {
    socketPath,
    requests,
    away: false,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return proxy;
}
