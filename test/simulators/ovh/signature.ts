import { createHash } from "node:crypto";

export interface OvhKeys {
  readonly applicationKey: string;
  readonly applicationSecret: string;
  readonly consumerKey: string;
}

export interface Refusal {
  readonly status: 400 | 403;
  readonly body: {
    readonly message: string;
    readonly errorCode?: string;
    readonly httpCode?: string;
    readonly class?: string;
  };
}

/** How far the time of a request may be from the vendor's. */
const TOLERANCE_S = 30;

/**
 * Works out the signature anew. https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api
 * @param nowS The vendor's time
 * @returns Why the request is refused; undefined when it is not
 */
export function checkSignature(request: Request, body: string, keys: OvhKeys, nowS: number): Refusal | undefined {
  const header = (name: string) => request.headers.get(name) ?? "";
  if (header("x-ovh-application") !== keys.applicationKey)
    return { status: 403, body: { class: "Client::Forbidden", message: "This application key is invalid" } };
  if (header("x-ovh-consumer") !== keys.consumerKey)
    return { status: 403, body: { class: "Client::Forbidden", message: "This credential is not valid" } };
  const at = header("x-ovh-timestamp");
  if (!/^\d+$/.test(at) || Math.abs(Number(at) - nowS) > TOLERANCE_S)
    return refuse("QUERY_TIME_OUT", "Query out of time");
  const { applicationSecret, consumerKey } = keys;
  const signed = [applicationSecret, consumerKey, request.method, request.url, body, at].join("+");
  if (header("x-ovh-signature") === `$1$${createHash("sha1").update(signed).digest("hex")}`) return undefined;
  return refuse("INVALID_SIGNATURE", "Invalid signature");
}

const refuse = (errorCode: string, message: string): Refusal => ({
  status: 400,
  body: { errorCode, httpCode: "400 Bad Request", message },
});
