import { createHash, createHmac } from "node:crypto";
import { type Context, Hono } from "hono";
import type { AwsCredentials } from "#hub/dns/aws/signature.ts";
import { elementsAt, parseXml, textAt, writeXml, type XmlElement } from "#hub/dns/aws/xml.ts";
import { openBotocore } from "./botocore.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

export interface Route53Options {
  readonly credentials: AwsCredentials;
  readonly zone: string;
  /** Told of each record set of the zone that has changed, as its own name servers would be. */
  readonly publish: (name: string, type: string, values: readonly string[]) => Promise<void>;
  readonly now?: () => number;
}

export interface Route53 extends Simulator {
  /** All records there are, a line each: `name type value`. */
  records(): string[];
  put(name: string, type: string, values: readonly string[]): Promise<void>;
}

interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttl: string;
  readonly values: readonly string[];
}

const ZONE_ID = "Z1D633PJN98FT9";
const PRIVATE_ZONE_ID = "Z00000PRIVATE0";
const OLDEST_SIGNATURE_MS = 300_000;

/** Route 53's zones and record sets. https://docs.aws.amazon.com/Route53/latest/APIReference/Welcome.html */
export async function startRoute53({ credentials, zone, publish, now = Date.now }: Route53Options): Promise<Route53> {
  const sets = new Map<string, RecordSet>();
  const keyOf = ({ name, type }: Pick<RecordSet, "name" | "type">) => `${name} ${type}`;
  const told = async ({ name, type }: RecordSet) => {
    if (type === "A" || type === "AAAA") await publish(name, type, sets.get(`${name} ${type}`)?.values ?? []);
  };

  const objection = (action: string, set: RecordSet): string | undefined => {
    const there = sets.get(keyOf(set));
    const said = `[${set.name}, ${set.type}]`;
    if (action === "DELETE") {
      if (there === undefined) return `Tried to delete resource record set ${said} but it was not found`;
      const same = there.ttl === set.ttl && [...there.values].sort().join() === [...set.values].sort().join();
      return same
        ? undefined
        : `Tried to delete resource record set ${said} but the values provided do not match the current values`;
    }
    const alias = [...sets.values()].some(({ name, type }) => name === set.name && type === "CNAME");
    if (alias && set.type !== "CNAME")
      return `RRSet with DNS name ${set.name}, type ${set.type} cannot be created as a CNAME exists`;
    return there !== undefined && action === "CREATE"
      ? `Tried to create resource record set ${said} but it already exists`
      : undefined;
  };

  const app = new Hono().basePath("/2013-04-01");
  app.use(async (c, next) => {
    const { code, message } = (await wrongSignature(c, credentials, now())) ?? {};
    return code === undefined ? next() : refuse(c, 403, code, message ?? "");
  });
  app.get("/hostedzonesbyname", (c) => {
    const from = c.req.query("dnsname") ?? "";
    // In the order of names with their labels reversed, from this one on, of which one may be private.
    const zones =
      reversed(zone) >= reversed(from) ? [zoneOf(PRIVATE_ZONE_ID, zone, true), zoneOf(ZONE_ID, zone, false)] : [];
    return answer(c, "ListHostedZonesByNameResponse", [
      writeXml("HostedZones", zones),
      writeXml("DNSName", from),
      writeXml("IsTruncated", "false"),
      writeXml("MaxItems", "100"),
    ]);
  });
  app.use("/hostedzone/:id/*", async (c, next) =>
    c.req.param("id") === ZONE_ID ? next() : refuse(c, 404, "NoSuchHostedZone", "No hosted zone found"),
  );
  app.get("/hostedzone/:id/rrset", (c) => {
    const { name = "", type = "", maxitems = "300" } = c.req.query();
    const start = `${reversed(name.replace("*", "\\052").replace(/\.$/, ""))} ${type}`;
    const listed = [...sets.values()]
      .map((set) => ({ set, place: `${reversed(set.name)} ${set.type}` }))
      .filter(({ place }) => place >= start)
      .sort((a, b) => (a.place < b.place ? -1 : 1));
    const shown = listed.slice(0, Number(maxitems));
    const next = listed[shown.length]?.set;
    return answer(c, "ListResourceRecordSetsResponse", [
      writeXml(
        "ResourceRecordSets",
        shown.map(({ set }) => writeSet(set)),
      ),
      writeXml("IsTruncated", String(next !== undefined)),
      ...(next === undefined
        ? []
        : [writeXml("NextRecordName", `${next.name}.`), writeXml("NextRecordType", next.type)]),
      writeXml("MaxItems", maxitems),
    ]);
  });
  app.post("/hostedzone/:id/rrset/", async (c) => {
    const changes = elementsAt(parseXml(await c.req.text()), "ChangeBatch", "Changes", "Change");
    const read = changes.map((change) => ({ action: textAt(change, "Action") ?? "", set: readSet(change) }));
    const wrong = read.flatMap(({ action, set }) => objection(action, set) ?? []);
    if (wrong.length > 0) return refuse(c, 400, "InvalidChangeBatch", `[${wrong.join(", ")}]`);
    for (const { action, set } of read) {
      if (action === "DELETE") sets.delete(keyOf(set));
      else sets.set(keyOf(set), set);
    }
    for (const { set } of read) await told(set);
    const info = [
      writeXml("Id", "/change/C2682N5HXP0BZ4"),
      writeXml("Status", "PENDING"),
      writeXml("SubmittedAt", new Date(now()).toISOString()),
    ];
    return answer(c, "ChangeResourceRecordSetsResponse", [writeXml("ChangeInfo", info)]);
  });

  const simulator = await startSimulator({
    contract: openBotocore("route53"),
    app,
    parse: { "application/xml": (text) => text },
  });
  return Object.assign(simulator, {
    records: () =>
      [...sets.values()]
        .flatMap(({ name, type, values }) => values.map((one) => `${plain(name)} ${type} ${one}`))
        .sort(),
    put: async (name: string, type: string, values: readonly string[]) => {
      const set = { name: name.replace("*", "\\052"), type, ttl: "60", values };
      if (values.length === 0) sets.delete(keyOf(set));
      else sets.set(keyOf(set), set);
      await told(set);
    },
  });
}

/** As Route 53 keeps names: lower case, the asterisk escaped; written without the dot at its end. */
const stored = (name: string) => name.replace(/\.$/, "").replace(/^\*/, "\\052").toLowerCase();
const plain = (name: string) => name.replace("\\052", "*");
const reversed = (name: string) => `${name.split(".").reverse().join(".")}.`;

function readSet(change: XmlElement): RecordSet {
  const at = (name: string) => textAt(change, "ResourceRecordSet", name) ?? "";
  const values = elementsAt(change, "ResourceRecordSet", "ResourceRecords", "ResourceRecord", "Value");
  return { name: stored(at("Name")), type: at("Type"), ttl: at("TTL"), values: values.map(({ text }) => text) };
}

const writeSet = ({ name, type, ttl, values }: RecordSet) =>
  writeXml("ResourceRecordSet", [
    writeXml("Name", `${name}.`),
    writeXml("Type", type),
    writeXml("TTL", ttl),
    writeXml(
      "ResourceRecords",
      values.map((value) => writeXml("ResourceRecord", [writeXml("Value", value)])),
    ),
  ]);

const zoneOf = (id: string, name: string, isPrivate: boolean) =>
  writeXml("HostedZone", [
    writeXml("Id", `/hostedzone/${id}`),
    writeXml("Name", `${name}.`),
    writeXml("CallerReference", "ref"),
    writeXml("Config", [writeXml("PrivateZone", String(isPrivate))]),
  ]);

const answer = (c: Context, root: string, content: readonly string[]) => {
  c.header("content-type", "text/xml");
  return c.body(`<?xml version="1.0"?>\n${writeXml(root, content)}`);
};

const refuse = (c: Context, status: 400 | 403 | 404, code: string, message: string) => {
  c.status(status);
  const error = [writeXml("Type", "Sender"), writeXml("Code", code), writeXml("Message", message)];
  return answer(c, "ErrorResponse", [
    writeXml("Error", error),
    writeXml("RequestId", "b25f48e8-84fd-11e6-80d9-574e0c4664cb"),
  ]);
};

/** Signs what came anew, by nothing but what came and the secret, and compares. */
async function wrongSignature(c: Context, { accessKeyId, secretAccessKey }: AwsCredentials, now: number) {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w{64})$/.exec(
      c.req.header("authorization") ?? "",
    );
  if (given === null) return { code: "AccessDenied", message: "The request is not signed" };
  const [, keyId, day = "", region = "", service = "", names = "", signature] = given;
  if (keyId !== accessKeyId)
    return { code: "InvalidClientTokenId", message: "The security token included in the request is invalid." };
  const moment = c.req.header("x-amz-date") ?? "";
  const signedAt = Date.parse(moment.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const wrong = { code: "SignatureDoesNotMatch", message: "The request signature we calculated does not match." };
  if (!(Math.abs(now - signedAt) < OLDEST_SIGNATURE_MS) || !moment.startsWith(day)) return wrong;
  if (region !== "us-east-1" || service !== "route53" || !/\bhost\b/.test(names)) return wrong;
  const url = new URL(c.req.url);
  const lines = [
    c.req.method,
    url.pathname,
    [...url.search.slice(1).split("&")].sort().join("&").replaceAll("*", "%2A"),
  ];
  for (const name of names.split(";")) lines.push(`${name}:${c.req.header(name)}`);
  lines.push(
    "",
    names,
    createHash("sha256")
      .update(await c.req.raw.clone().text())
      .digest("hex"),
  );
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), "aws4_request");
  const hash = createHash("sha256").update(lines.join("\n")).digest("hex");
  const expected = hmac(key, `AWS4-HMAC-SHA256\n${moment}\n${day}/${region}/${service}/aws4_request\n${hash}`).toString(
    "hex",
  );
  return expected === signature ? undefined : wrong;
}
