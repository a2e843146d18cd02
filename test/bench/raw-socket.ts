import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** A WebSocket of a client that costs next to nothing: text frames alone, written and read by hand (RFC 6455 section 5.2). */
export interface RawSocket {
  send(text: string): void;
  close(): void;
}

export interface RawSocketEvents {
  readonly onText: (text: string, socket: RawSocket) => void;
  /** Once, however it ended; with the server's answer when that was no WebSocket. */
  readonly onClose: (refusal: string | undefined) => void;
}

const TEXT = 0x81;
const PONG = 0x8a;
const [CLOSE_CODE, PING_CODE, TEXT_CODE] = [8, 9, 1];

/** Masked with zeros, which changes nothing: a mask protects proxies from browsers, and here are neither. */
function frameOf(first: number, payload: Buffer): Buffer {
  const isLong = payload.length > 125;
  const frame = Buffer.allocUnsafe((isLong ? 4 : 2) + 4 + payload.length);
  frame[0] = first;
  frame[1] = 0x80 | (isLong ? 126 : payload.length);
  if (isLong) frame.writeUInt16BE(payload.length, 2);
  frame.writeUInt32BE(0, isLong ? 4 : 2);
  frame.set(payload, isLong ? 8 : 6);
  return frame;
}

/** Dials `path` there. */
export function openRawSocket(port: number, path: string, { onText, onClose }: RawSocketEvents): RawSocket {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let unread: Buffer = Buffer.alloc(0);
  let isOpen = false;
  let refusal: string | undefined;
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );

  const raw: RawSocket = {
    send: (text) => socket.write(frameOf(TEXT, Buffer.from(text))),
    close: () => socket.destroy(),
  };

  const take = (kind: number, payload: Buffer) => {
    if (kind === TEXT_CODE) onText(payload.toString(), raw);
    else if (kind === PING_CODE) socket.write(frameOf(PONG, payload));
    else if (kind === CLOSE_CODE) socket.destroy();
  };

  const read = () => {
    for (;;) {
      if (unread.length < 2) return;
      const short = (unread[1] ?? 0) & 0x7f;
      const header = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (unread.length < header) return;
      const size = short === 126 ? unread.readUInt16BE(2) : short === 127 ? Number(unread.readBigUInt64BE(2)) : short;
      if (unread.length < header + size) return;
      const kind = (unread[0] ?? 0) & 0x0f;
      const payload = unread.subarray(header, header + size);
      unread = unread.subarray(header + size);
      take(kind, payload);
    }
  };

  socket.on("data", (data: Buffer) => {
    unread = unread.length === 0 ? data : Buffer.concat([unread, data]);
    if (!isOpen) {
      const end = unread.indexOf("\r\n\r\n");
      if (end === -1) return;
      if (!unread.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101"))) {
        refusal = unread.toString("latin1", 0, end);
        socket.destroy();
        return;
      }
      isOpen = true;
      unread = unread.subarray(end + 4);
    }
    read();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => onClose(refusal));
  return raw;
}
