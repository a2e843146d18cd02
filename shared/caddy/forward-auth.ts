import type { z } from "zod";
import type { ForwardAuth } from "../route.ts";

/**
 * What Caddy's own directive `forward_auth` expands to
 * (https://caddyserver.com/docs/caddyfile/directives/forward_auth#expanded-form), and before it a handler that takes
 * away what a client sends under the names that the answer is copied to: where the answer leaves one out, a client could
 * name itself. Many apps take `Remote_User` for `Remote-User` (https://www.rfc-editor.org/rfc/rfc3875#section-4.1.18), so that
 * no name with an underscore passes.
 */
export const forwardAuthHandlers = ({ alias, port, uri, copyHeaders }: z.output<typeof ForwardAuth>) => [
  ...(copyHeaders.length === 0 ? [] : [{ handler: "headers", request: { delete: [...copyHeaders, "*_*"] } }]),
  {
    handler: "reverse_proxy",
    // GET also leaves the body to the app.
    rewrite: { method: "GET", uri },
    headers: {
      request: {
        set: { "X-Forwarded-Method": ["{http.request.method}"], "X-Forwarded-Uri": ["{http.request.uri}"] },
        // The question is no upgrade, whatever it is asked about.
        delete: ["Connection", "Upgrade"],
      },
    },
    upstreams: [{ dial: `${alias}:${port}` }],
    handle_response: [
      {
        match: { status_code: [2] },
        // Without any route Caddy would pass the answer to the client.
        routes: [{ handle: [{ handler: "vars" }] }, ...copyHeaders.map(copied)],
      },
    ],
  },
];

/** A placeholder without a value as matchers see it; the second one is how Caddy 2.6 does. */
const absent = ["", "<nil>"];

/** A placeholder without a value would be passed on as it is written. */
function copied(name: string) {
  const value = `{http.reverse_proxy.header.${canonicalHeader(name)}}`;
  return {
    match: [{ not: [{ vars: { [value]: absent } }] }],
    handle: [{ handler: "headers", request: { set: { [name]: [value] } } }],
  };
}

/** As Go writes header names: https://pkg.go.dev/net/textproto#CanonicalMIMEHeaderKey */
const canonicalHeader = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/(^|-)([a-z])/g, (_whole, before: string, letter: string) => before + letter.toUpperCase());
