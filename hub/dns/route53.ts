import { z } from "zod";
import type { ProblemCode } from "#shared/problem.ts";
import { createVendorHttp, type VendorRefusal } from "../vendor-http.ts";
import { signAwsRequest } from "./aws/signature.ts";
import { elementsAt, parseXml, textAt, writeXml, type XmlElement } from "./aws/xml.ts";
import { defineDns } from "./dns.ts";
import {
  addressTypes,
  canonicalAddress,
  type RecordSet,
  type RecordSetChange,
  TTL_SECONDS,
} from "./zone/record-sets.ts";
import { zoneDns } from "./zone/zone-dns.ts";

const title = "Amazon Route 53";
/** Route 53 is one for the world, and signs as if it stood here: https://docs.aws.amazon.com/general/latest/gr/r53.html */
const scope = { region: "us-east-1", service: "route53" } as const;
const NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/";
/** The most that it gives at once. */
const PAGE = 300;
const VERSION = "/2013-04-01";

/** An answer, which is XML whatever was asked for. */
const Answer = z.string().transform((text, context): XmlElement => {
  try {
    return parseXml(text);
  } catch {
    context.addIssue("expected an XML document");
    return z.NEVER;
  }
});

/** A record set in its own words, which a deletion has to repeat. */
interface Seen extends RecordSet {
  readonly ttl: string;
  readonly asWritten: readonly string[];
}

/**
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 * All changes of a domain are one batch, made as a whole or not at all.
 */
export const route53Dns = defineDns({
  name: "route53",
  title,
  Credentials: z.strictObject({
    accessKeyId: z.string().min(16),
    /** Of a user that may ListHostedZonesByName, ListResourceRecordSets and ChangeResourceRecordSets. */
    secretAccessKey: z.string().min(1),
  }),
  secrets: ["secretAccessKey"],
  open: (credentials, { authority, endpoint = "https://route53.amazonaws.com", ...tools }) => {
    const http = createVendorHttp({
      title,
      endpoint: endpoint + VERSION,
      headers: ({ method, url, body }) => {
        const headers: Record<string, string> = body === "" ? {} : { "content-type": "application/xml" };
        return signAwsRequest({ method, url: new URL(url), headers, body, at: tools.now() }, scope, credentials);
      },
      secrets: [credentials.secretAccessKey],
      judge,
      ...tools,
    });
    return zoneDns<Seen>({
      name: "route53",
      title,
      authority,
      findZone: async (name) => {
        const query = { dnsname: name };
        const answer = await http.ask(Answer, { method: "GET", path: "/hostedzonesbyname", query });
        const zone = elementsAt(answer, "HostedZones", "HostedZone").find(
          (one) => textAt(one, "Name") === `${name}.` && textAt(one, "Config", "PrivateZone") !== "true",
        );
        if (zone === undefined) return undefined;
        // "/hostedzone/Z1D633PJN98FT9"
        const path = `${textAt(zone, "Id")}/rrset`;
        const from = async (start: Record<string, string>): Promise<Seen[]> => {
          const query = { ...start, maxitems: PAGE };
          const answer = await http.ask(Answer, { method: "GET", path, query });
          if (textAt(answer, "IsTruncated") !== "true") return allIn(answer);
          const [name = "", type = ""] = [textAt(answer, "NextRecordName"), textAt(answer, "NextRecordType")];
          return [...allIn(answer), ...(await from({ name, type }))];
        };
        return {
          name,
          read: async (names) => {
            const answers = await Promise.all(
              names.map((one) => {
                // From here on in the order of names and types, of which A and AAAA come first.
                const query = { name: one, type: "A", maxitems: 2 };
                return http.ask(Answer, { method: "GET", path, query });
              }),
            );
            return names.flatMap((one, index) => recordSetsOf(one, answers[index]));
          },
          all: () => from({}),
          apply: async (changes) => {
            await http.ask(Answer, { method: "POST", path: `${path}/`, body: writeBatch(changes) });
          },
        };
      },
    });
  },
});

const recordSetsOf = (name: string, answer: XmlElement | undefined): Seen[] =>
  answer === undefined ? [] : allIn(answer).filter((set) => set.name === name);

const allIn = (answer: XmlElement): Seen[] =>
  elementsAt(answer, "ResourceRecordSets", "ResourceRecordSet").flatMap((set) => {
    const type = addressTypes.find((one) => one === textAt(set, "Type"));
    if (type === undefined) return [];
    const asWritten = elementsAt(set, "ResourceRecords", "ResourceRecord", "Value").map(({ text }) => text);
    const name = nameOf(textAt(set, "Name") ?? "");
    return [{ name, type, values: asWritten.map(canonicalAddress), asWritten, ttl: textAt(set, "TTL") ?? "" }];
  });

/** `\052.ada.example.org.` is `*.ada.example.org`: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html */
const nameOf = (written: string) =>
  written
    .replace(/\.$/, "")
    .replace(/^\\052/, "*")
    .toLowerCase();

function writeBatch(changes: readonly RecordSetChange<Seen>[]): string {
  const written = changes.map(({ name, type, had, want }) => {
    const [action, ttl, values] =
      want.length === 0 ? ["DELETE", had?.ttl ?? "", had?.asWritten ?? []] : ["UPSERT", String(TTL_SECONDS), want];
    const records = values.map((value) => writeXml("ResourceRecord", [writeXml("Value", value)]));
    const set = [
      writeXml("Name", `${name}.`),
      writeXml("Type", type),
      writeXml("TTL", ttl),
      writeXml("ResourceRecords", records),
    ];
    return writeXml("Change", [writeXml("Action", action), writeXml("ResourceRecordSet", set)]);
  });
  const batch = writeXml("ChangeBatch", [writeXml("Comment", "Kept by WOPR"), writeXml("Changes", written)]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ChangeResourceRecordSetsRequest xmlns="${NAMESPACE}">${batch}</ChangeResourceRecordSetsRequest>`;
}

/**
 * What its codes mean where the status says less: too fast, or while an earlier change is under way, both answered with 400.
 * https://repost.aws/knowledge-center/route-53-avoid-throttling-errors
 */
const codes: Readonly<Record<string, ProblemCode>> = {
  Throttling: "provider_unavailable",
  ThrottlingException: "provider_unavailable",
  PriorRequestNotComplete: "provider_unavailable",
};

function judge({ body }: VendorRefusal) {
  const answer = Answer.safeParse(body).data;
  if (answer === undefined) return {};
  const [error = answer] = elementsAt(answer, "Error");
  const vendorCode = textAt(error, "Code");
  const messages = elementsAt(answer, "Messages", "Message").map(({ text }) => text);
  return {
    reason: textAt(error, "Message") ?? messages.join("; "),
    vendorCode,
    ...(vendorCode === undefined || !Object.hasOwn(codes, vendorCode) ? {} : { code: codes[vendorCode] }),
  };
}
