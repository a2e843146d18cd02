/** The least that an agent in Node could be: one process that holds one WebSocket and does nothing else. */
import { WebSocket } from "ws";

const [url = ""] = process.argv.slice(2);
const socket = new WebSocket(url, { perMessageDeflate: false });
socket.on("close", () => process.exit(0));
