import { connect } from "node:net";

const ANSWER_WITHIN_MS = 700;
const AT_ONCE = 400;

/** The ports of an address that take a connection over TCP. A port that says nothing is not open. */
export async function openPorts(address: string, ports: readonly number[]): Promise<number[]> {
  const open: number[] = [];
  for (let from = 0; from < ports.length; from += AT_ONCE) {
    const some = ports.slice(from, from + AT_ONCE);
    const answers = await Promise.all(some.map((port) => answersAt(address, port)));
    open.push(...some.filter((_port, index) => answers[index]));
  }
  return open;
}

const answersAt = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_WITHIN_MS });
    const end = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on("connect", end(true)).on("timeout", end(false)).on("error", end(false));
  });
