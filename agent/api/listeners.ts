import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { personAccess, rootAccess } from "./access.ts";
import { type ApiParts, createApi } from "./app.ts";
import { createVerifyToken, type TokenOptions } from "./tokens.ts";

export interface ListenerParts extends Omit<ApiParts, "access" | "verifyToken" | "isRoot"> {
  readonly tokens: TokenOptions;
}

/** Answers for the socket that only root can open, and for those that anybody may reach. */
export interface Listeners {
  readonly root: RequestListener;
  readonly person: RequestListener;
}

/** Everything behind the API's sockets. Importing this file is what makes the API heavy. */
export function createListeners({ tokens, ...parts }: ListenerParts): Listeners {
  const verifyToken = createVerifyToken(tokens);
  const listen = (access: ApiParts["access"], isRoot: boolean): RequestListener => {
    const answer = getRequestListener(createApi({ ...parts, access, isRoot, verifyToken }).fetch);
    return (request, response) => void answer(request, response);
  };
  return { root: listen(rootAccess, true), person: listen(personAccess(verifyToken, parts.sessions), false) };
}
