import { ChannelView } from "#shared/api/channels.ts";
import type { ReportedEvent } from "#shared/protocol/frames.ts";
import type { TestLink } from "../test-agent.ts";
import type { TestClient } from "../test-client.ts";

export const secret = `whsec_${Buffer.from("a secret of thirty-two bytes !!!").toString("base64")}`;

/** Each alert has a subject of its own. */
export const eventOf = (
  subject: string,
  kind: ReportedEvent["kind"] = "fired",
  changes: Partial<ReportedEvent> = {},
): ReportedEvent => ({
  id: `disk-full ${subject} 1000 ${kind}`,
  rule: "disk-full",
  subject,
  kind,
  severity: "critical",
  title: `The disk at ${subject} is full`,
  value: 97,
  at: kind === "fired" ? 1000 : 5000,
  firedAt: 1000,
  told: [],
  ...changes,
});

export async function report(link: TestLink, ...events: ReportedEvent[]): Promise<void> {
  link.send({ type: "event", events });
  await link.take("ack");
}

export async function addChannel(
  operator: TestClient,
  kind: string,
  settings: Record<string, string>,
  options: object = {},
): Promise<ChannelView> {
  const { body } = await operator.post("/api/channels", { name: kind, kind, settings, ...options });
  return ChannelView.parse(body);
}
