import type { Socket } from "node:net";
import { LONGEST_LINE } from "./wire.ts";

/** Calls for each whole line. A peer that sends a longer one than the limit is cut off. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string | Buffer) => {
    const lines = (rest + text.toString()).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE || lines.some(({ length }) => length > LONGEST_LINE)) {
      socket.destroy(new Error("a line is too long"));
      return;
    }
    for (const line of lines) onLine(line);
  });
}
