import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import { type WebSocket, WebSocketServer } from "ws";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { type Enrolment, EnrolmentRequest } from "#shared/api/hub.ts";
import { Problem, type ProblemBody } from "#shared/problem.ts";
import { AgentFrame, MAX_FRAME_BYTES, parseFrame, type UnsentHubFrame } from "#shared/protocol/frames.ts";
import { rawPublicKey, sign, verify } from "#shared/protocol/signing.ts";
import {
  type AlertingStatement,
  type CommandStatement,
  HelloStatement,
  type SignedStatement,
  type StatementKind,
} from "#shared/protocol/statement.ts";
import { OLDEST_PROTOCOL, PROTOCOL } from "#shared/protocol/version.ts";

type FrameOf<Type extends AgentFrame["type"]> = Extract<AgentFrame, { type: Type }>;

export const BEACON = "bcn_00000000-test";
const storable: ReadonlySet<AgentFrame["type"]> = new Set([
  "result",
  "metrics",
  "report",
  "history",
  "gaps",
  "event",
  "inventory",
]);
const COMMAND_KEY = "key_command";
const TOKEN_KEY = "key_token";

export interface FakeHubBehaviour {
  /** Instead of a challenge's numbers. */
  protocol?: { protocol: number; oldestProtocol: number };
  refuse?: ProblemBody;
  /** Says nothing after the connection stands. */
  mute?: boolean;
  /** Changes the nonce that the welcome repeats. */
  wrongNonce?: boolean;
  /** Signs the welcome with a key that the agent does not know under that id. */
  wrongKey?: boolean;
  acknowledge?: boolean;
  /** Whether it says of streams how far it has read them. */
  reads?: boolean;
  /** Milliseconds that the hub's clock is ahead. */
  aheadMs?: number;
}

/** A hub small enough to be read, which speaks the real protocol with real signatures over real sockets. */
export interface FakeHub {
  readonly origin: string;
  readonly enrolment: Enrolment;
  readonly behaviour: FakeHubBehaviour;
  readonly token: string;
  /** Every frame of an agent since the start, over all links. */
  readonly frames: AgentFrame[];
  /** Close codes of links, in order. */
  readonly closed: { code: number; reason: string }[];
  readonly requests: string[];
  /** Settles when the `count`th link was welcomed. */
  welcomed(count: number): Promise<void>;
  /** The first frame of a type that fits, waiting for it where it has not come. */
  frame<Type extends AgentFrame["type"]>(type: Type, fits?: (frame: FrameOf<Type>) => boolean): Promise<FrameOf<Type>>;
  send(frame: UnsentHubFrame): string;
  sendText(text: string | Buffer): void;
  statement(changes: Partial<CommandStatement>): SignedStatement;
  /** Anything under the hub's key. */
  signed(kind: StatementKind, payload: unknown): SignedStatement;
  alerting(changes: Partial<AlertingStatement>): SignedStatement;
  /** A person's token. */
  jwt(
    claims?: { aud?: string; iss?: string; iat?: number; exp?: number; role?: string; sub?: string; use?: string },
    key?: KeyObject,
    kid?: string,
  ): Promise<string>;
  /** Takes this key for the agent's, as if it had enrolled. */
  trust(publicKey: string): void;
  /** Breaks the link off without a word. */
  drop(): void;
  close(code: number): void;
  /** Keeps the link and does nothing any more, as a machine that lost its power. */
  freeze(): void;
  thaw(): void;
  readonly pings: number;
  /** How many could not prove that they are the beacon's agent. */
  readonly impostors: number;
  /** Goes away: nobody listens on its port any more. */
  stop(): Promise<void>;
  /** Comes back on the same port. */
  start(): Promise<void>;
  now(): number;
}

export async function startFakeHub(behaviour: FakeHubBehaviour = {}): Promise<FakeHub> {
  const commandKey = generateKeyPairSync("ed25519").privateKey;
  const tokenKey = generateKeyPairSync("ed25519").privateKey;
  const stranger = generateKeyPairSync("ed25519").privateKey;
  const frames: AgentFrame[] = [];
  const closed: FakeHub["closed"] = [];
  const requests: string[] = [];
  const waiting = new Set<() => void>();
  const token = `tok_${randomUUID()}`;
  let port = 0;
  let usedBy: string | undefined;
  let welcomes = 0;
  let impostors = 0;
  let pings = 0;
  let current: WebSocket | undefined;
  let server: ReturnType<typeof createServer>;
  let sockets: WebSocketServer;

  const changed = () => {
    for (const look of waiting) look();
  };
  const until = <Found>(find: () => Found | undefined): Promise<Found> =>
    new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });

  const hub: FakeHub = {
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    enrolment: {
      beacon: BEACON,
      name: "ada",
      domain: "ada.example.org",
      owner: "ada@example.org",
      commandKeys: { [COMMAND_KEY]: rawPublicKey(commandKey) },
    },
    behaviour,
    token,
    frames,
    closed,
    requests,
    now: () => Date.now() + (behaviour.aheadMs ?? 0),
    welcomed: async (count) => {
      await until(() => (welcomes >= count ? true : undefined));
    },
    frame: (type, fits = () => true) =>
      until(() =>
        frames.filter((frame): frame is FrameOf<typeof type> => frame.type === type).find((frame) => fits(frame)),
      ),
    send: (frame) => {
      const id = `frm_${randomUUID()}`;
      hub.sendText(JSON.stringify({ ...frame, id }));
      return id;
    },
    sendText: (text) => current?.send(text),
    statement: (changes) => {
      const statement: CommandStatement = {
        beacon: BEACON,
        id: `cmd_${randomUUID()}`,
        name: "module.install",
        input: { module: "redis" },
        sequence: 1,
        issuedAt: hub.now(),
        expiresAt: hub.now() + 60_000,
        actor: "ada@example.org",
        ...changes,
      };
      return sign("command", statement, commandKey, COMMAND_KEY);
    },
    signed: (kind, payload) => sign(kind, payload, commandKey, COMMAND_KEY),
    alerting: (changes) => {
      const statement = { beacon: BEACON, revision: 1, rules: [...defaultAlertRules], channels: [], ...changes };
      return sign("alerting", statement, commandKey, COMMAND_KEY);
    },
    jwt: (
      {
        aud = BEACON,
        iss = hub.origin,
        iat = Date.now() / 1000,
        exp = Date.now() / 1000 + 300,
        role = "owner",
        sub = "usr_1",
        use,
      } = {},
      key = tokenKey,
      kid = TOKEN_KEY,
    ) =>
      new SignJWT({ email: "ada@example.org", role, ...(use === undefined ? {} : { use }) })
        .setProtectedHeader({ alg: "EdDSA", kid })
        .setSubject(sub)
        .setJti(randomUUID())
        .setIssuer(iss)
        .setAudience(aud)
        .setIssuedAt(Math.floor(iat))
        .setExpirationTime(Math.floor(exp))
        .sign(key),
    trust: (publicKey) => {
      usedBy = publicKey;
    },
    drop: () => current?.terminate(),
    close: (code) => current?.close(code),
    freeze: () => current?.pause(),
    thaw: () => current?.resume(),
    get pings() {
      return pings;
    },
    get impostors() {
      return impostors;
    },
    start: async () => {
      server = createServer(answer);
      sockets = new WebSocketServer({ server, path: "/api/agent/link", maxPayload: MAX_FRAME_BYTES });
      sockets.on("connection", converse);
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      const address: AddressInfo | string | null = server.address();
      if (typeof address === "object" && address !== null) port = address.port;
    },
    stop: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      const gone = once(server, "close");
      server.close();
      server.closeAllConnections();
      await gone;
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse) {
    requests.push(request.url ?? "");
    if (request.url === "/.well-known/jwks.json") {
      const key = { kty: "OKP", crv: "Ed25519", kid: TOKEN_KEY, x: rawPublicKey(tokenKey), alg: "EdDSA", use: "sig" };
      response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [{ kty: "RSA" }, key] }));
      return;
    }
    if (request.url !== "/api/agent/enrol") {
      response.writeHead(404).end();
      return;
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    const asked = EnrolmentRequest.parse(JSON.parse(text));
    const problem =
      asked.token !== token
        ? new Problem("enrolment_token_unknown", "there is no such token", { hint: "Ask for a new one." })
        : usedBy !== undefined && usedBy !== asked.publicKey
          ? new Problem("enrolment_token_used", "the token was used already", { hint: "Ask for a new one." })
          : undefined;
    usedBy ??= problem === undefined ? asked.publicKey : undefined;
    response.writeHead(problem?.status ?? 200).end(JSON.stringify(problem ?? hub.enrolment));
  }

  function converse(socket: WebSocket) {
    current = socket;
    const readOf = new Map<string, number>();
    const challenge = randomUUID();
    socket.on("error", () => undefined);
    socket.on("ping", () => {
      pings += 1;
    });
    socket.on("close", (code, reason) => {
      closed.push({ code, reason: reason.toString() });
      changed();
    });
    if (behaviour.mute) return;
    hub.send({
      type: "challenge",
      nonce: challenge,
      ...(behaviour.protocol ?? { protocol: PROTOCOL, oldestProtocol: OLDEST_PROTOCOL }),
    });
    socket.on("message", (data) => {
      const frame = parseFrame(AgentFrame, data.toString());
      frames.push(frame);
      if (frame.type === "hello") greet(frame, challenge);
      if (frame.type === "data") {
        const characters = (readOf.get(frame.stream) ?? 0) + JSON.stringify(frame.items).length;
        readOf.set(frame.stream, characters);
        if (behaviour.reads !== false) hub.send({ type: "read", stream: frame.stream, characters });
      }
      if (storable.has(frame.type) && behaviour.acknowledge !== false) hub.send({ type: "ack", of: [frame.id] });
      changed();
    });
  }

  function greet(frame: FrameOf<"hello">, challenge: string) {
    if (behaviour.refuse !== undefined) {
      hub.send({ type: "refuse", problem: behaviour.refuse });
      return;
    }
    const hello = readHello(frame.statement);
    if (hello === undefined || hello.challenge !== challenge || hello.hub !== hub.origin) {
      impostors += 1;
      current?.close(4001);
      return;
    }
    const nonce = behaviour.wrongNonce ? `${hello.nonce}x` : hello.nonce;
    const key = behaviour.wrongKey ? stranger : commandKey;
    const protocol = Math.min(frame.protocol, behaviour.protocol?.protocol ?? PROTOCOL);
    const welcome = { beacon: BEACON, nonce, protocol, time: hub.now() };
    hub.send({ type: "welcome", statement: sign("welcome", welcome, key, COMMAND_KEY) });
    welcomes += 1;
    changed();
  }

  function readHello(statement: SignedStatement): HelloStatement | undefined {
    try {
      return HelloStatement.parse(JSON.parse(verify("hello", statement, { [BEACON]: usedBy ?? "" })));
    } catch {
      return undefined;
    }
  }

  await hub.start();
  return hub;
}
