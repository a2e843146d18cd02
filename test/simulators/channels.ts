import { createServer, type IncomingHttpHeaders } from "node:http";
import { z } from "zod";

/** Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
const Slack = z.strictObject({ text: z.string().min(1).max(40_000) });

/** Discord: https://docs.discord.com/developers/resources/webhook#execute-webhook */
const Discord = z.strictObject({
  content: z.string().min(1).max(2000),
  allowed_mentions: z.strictObject({ parse: z.array(z.enum(["roles", "users", "everyone"])) }),
});

/** PagerDuty: https://developer.pagerduty.com/docs/send-alert-event */
const PagerDuty = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedup_key: z.string().min(1).max(255),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(["critical", "error", "warning", "info"]),
    timestamp: z.iso.datetime(),
    component: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()),
  }),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
  client: z.string(),
});

/** How each of the services answers what it takes, and what it does not. */
const services = {
  slack: { schema: Slack, taken: [200, "ok"], refused: [400, "invalid_payload"] },
  discord: { schema: Discord, taken: [204, ""], refused: [400, '{"message":"Invalid Form Body","code":50035}'] },
  pagerduty: { schema: PagerDuty, taken: [202, '{"status":"success"}'], refused: [400, '{"status":"invalid event"}'] },
  webhook: { schema: z.looseObject({ type: z.string() }), taken: [200, ""], refused: [400, ""] },
} as const;

type Service = keyof typeof services;
const isService = (name: string): name is Service => Object.hasOwn(services, name);

export interface Received {
  readonly service: Service;
  readonly body: unknown;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ChannelsSimulator {
  /** Where the service takes notices; the path holds a secret. */
  url(service: Service): string;
  readonly received: readonly Received[];
  /** Answers the next request with this instead. */
  fail(status: number, headers?: Record<string, string>): void;
  stop(): Promise<void>;
}

/** Services that take notices, each of which looks at what it is sent as its documentation says. */
export async function startChannels(): Promise<ChannelsSimulator> {
  const received: Received[] = [];
  const failures: { status: number; headers: Record<string, string> }[] = [];
  const server = createServer(async (request, response) => {
    const service = request.url?.split("/")[1] ?? "";
    const text = Buffer.concat(await request.toArray()).toString();
    const failure = failures.shift();
    if (failure !== undefined) return response.writeHead(failure.status, failure.headers).end("not now");
    if (!isService(service) || request.method !== "POST") return response.writeHead(404).end();
    const { schema, taken, refused } = services[service];
    const parsed = schema.safeParse(JSON.parse(text));
    const isJson = request.headers["content-type"] === "application/json";
    if (parsed.success && isJson) received.push({ service, body: parsed.data, text, headers: request.headers });
    const [status, body] = parsed.success && isJson ? taken : refused;
    return response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  return {
    url: (service) => `http://127.0.0.1:${address.port}/${service}/T0000/secret-part`,
    received,
    fail: (status, headers = {}) => void failures.push({ status, headers }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
