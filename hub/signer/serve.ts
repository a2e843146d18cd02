import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Logger } from "pino";
import { Problem, parseOr } from "#shared/problem.ts";
import { readLines } from "./lines.ts";
import { isSignedKind, type Signer } from "./signer.ts";
import { type SignerAnswer, SignerRequest } from "./wire.ts";

/** Who may open the socket: its owner and the group, which the hub's user is a member of. */
const SOCKET_MODE = 0o660;

/**
 * Lets whoever may open this Unix socket have statements signed.
 * @returns stops it
 */
export async function serveSigner(signer: Signer, path: string, log: Logger): Promise<() => Promise<void>> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", (error) => log.info({ error }, "a connection failed"));
    readLines(socket, (line) => {
      void answer(signer, line).then(
        (said) => socket.write(`${JSON.stringify(said)}\n`),
        (error: unknown) => {
          log.warn({ error }, "a line was no request");
          socket.destroy();
        },
      );
    });
  });
  rmSync(path, { force: true });
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, SOCKET_MODE);
  return async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
}

async function answer(signer: Signer, line: string): Promise<SignerAnswer> {
  const request = parseOr(SignerRequest, JSON.parse(line), "a request to the signer");
  const { number } = request;
  try {
    if (request.ask !== "sign") return { number, keys: copyOf(await signer[request.ask]()) };
    if (isSignedKind(request.kind)) return { number, statement: await signer.sign(request.kind, request.payload) };
    throw new Problem("forbidden", `statements of the kind ${request.kind} are not signed here`);
  } catch (thrown) {
    return { number, problem: Problem.wrap(thrown).toJSON() };
  }
}

const copyOf = ({ active, keys, successions }: Awaited<ReturnType<Signer["keys"]>>) => ({
  active,
  keys: { ...keys },
  successions: [...successions],
});
