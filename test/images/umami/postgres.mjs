/*
 * As much of a PostgreSQL client as the stand-in needs: one connection, password by SCRAM-SHA-256, simple queries.
 * https://www.postgresql.org/docs/16/protocol-flow.html, https://www.postgresql.org/docs/16/sasl-authentication.html
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { connect } from "node:net";

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const int32 = (number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
};
const message = (type, ...parts) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};

/** A text as an SQL literal. */
export const quote = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** The messages of a connection, one after the other, as { type, body }. */
async function* messages(socket) {
  let buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= 5 && buffer.length > buffer.readInt32BE(1)) {
      const end = buffer.readInt32BE(1) + 1;
      yield { type: String.fromCharCode(buffer[0]), body: buffer.subarray(5, end) };
      buffer = buffer.subarray(end);
    }
  }
  throw new Error("the server closed the connection");
}

const errorOf = (body) =>
  new Error(
    body
      .toString()
      .split("\0")
      .find((field) => field.startsWith("M"))
      ?.slice(1) ?? "unknown error",
  );

/** The two answers of SCRAM-SHA-256 (RFC 5802): to the server's list of methods, and to its challenge. */
function scram(password) {
  const nonce = randomBytes(18).toString("base64");
  const bare = `n=,r=${nonce}`;
  return {
    first: () => message("p", "SCRAM-SHA-256", int32(Buffer.byteLength(`n,,${bare}`)), Buffer.from(`n,,${bare}`)),
    answer(challenge) {
      const { r, s, i } = Object.fromEntries(challenge.split(",").map((pair) => [pair[0], pair.slice(2)]));
      const salted = pbkdf2Sync(password, Buffer.from(s, "base64"), Number(i), 32, "sha256");
      const client = hmac(salted, "Client Key");
      const unproven = `c=biws,r=${r}`;
      const signature = hmac(createHash("sha256").update(client).digest(), `${bare},${challenge},${unproven}`);
      const proof = client.map((byte, at) => byte ^ signature[at]);
      return message("p", Buffer.from(`${unproven},p=${Buffer.from(proof).toString("base64")}`));
    },
  };
}

const rowOf = (body) => {
  const row = [];
  for (let at = 2, column = body.readInt16BE(0); column > 0; column--) {
    const length = body.readInt32BE(at);
    row.push(length < 0 ? null : body.subarray(at + 4, at + 4 + length).toString());
    at += 4 + Math.max(length, 0);
  }
  return row;
};

/** Runs SQL on a connection of its own and gives the rows of all its results. Throws what the server says. */
export async function query(databaseUrl, sql) {
  const url = new URL(databaseUrl);
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent);
  const socket = connect({ host: url.hostname, port: Number(url.port || 5432), timeout: 5000 });
  socket.on("timeout", () => socket.destroy(new Error(`${url.host} does not answer`)));
  const startup = Buffer.concat([int32(196608), Buffer.from(`user\0${user}\0database\0${database}\0\0`)]);
  socket.write(Buffer.concat([int32(startup.length + 4), startup]));
  const login = scram(password);
  const rows = [];
  let asked = false;
  try {
    for await (const { type, body } of messages(socket)) {
      if (type === "E") throw errorOf(body);
      if (type === "D") rows.push(rowOf(body));
      if (type === "R" && body.readInt32BE(0) === 10) socket.write(login.first());
      if (type === "R" && body.readInt32BE(0) === 11) socket.write(login.answer(body.subarray(4).toString()));
      if (type === "R" && [3, 5].includes(body.readInt32BE(0))) throw new Error("the server wants no SCRAM password");
      if (type === "Z" && asked) return rows;
      if (type === "Z") socket.write(message("Q", sql));
      asked ||= type === "Z";
    }
  } finally {
    socket.end(message("X"));
  }
}
