/**
 * What a hub costs at least: takes reports from a WebSocket, parses them, appends them to a table in batches, and says so. It proves
 * nothing, checks nothing and keeps nothing in order. Argument: the file of its database. Prints its port as JSON.
 */
import { createServer } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import SqliteDatabase from "better-sqlite3";
import { type WebSocket, WebSocketServer } from "ws";

const MOST_AT_ONCE = 500;

const db = new SqliteDatabase(process.argv[2] ?? ":memory:");
db.pragma("journal_mode = WAL");
db.pragma("synchronous = NORMAL");
db.exec("create table report (at integer, body text)");
const insert = db.prepare("insert into report values (?, ?)");

interface Report {
  readonly socket: WebSocket;
  readonly id: string;
  readonly at: number;
  readonly text: string;
}
let waiting: Report[] = [];
let isWriting = false;
const write = db.transaction((reports: readonly Report[]) => {
  for (const { at, text } of reports) insert.run(at, text);
});

async function writeAll(): Promise<void> {
  isWriting = true;
  while (waiting.length > 0) {
    const some = waiting.slice(0, MOST_AT_ONCE);
    waiting = waiting.slice(MOST_AT_ONCE);
    write(some);
    for (const { socket, id } of some) socket.send(`{"type":"ack","id":"frm_00000000","of":["${id}"]}`);
    await nextTurn();
  }
  isWriting = false;
}

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  socket.send('{"type":"welcome","id":"frm_00000000"}');
  socket.on("message", (data) => {
    const text = String(data);
    const frame: { type: string; id: string; samples: { at: number }[] } = JSON.parse(text);
    const [sample] = frame.samples ?? [];
    if (frame.type !== "report" || sample === undefined) return;
    waiting.push({ socket, id: frame.id, at: sample.at, text });
    if (!isWriting) void writeAll();
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === "object" ? address?.port : 0 }));
});
