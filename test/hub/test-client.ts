export interface Answer {
  readonly status: number;
  /** Parsed JSON, or text. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** A browser without pages: keeps cookies, follows no redirects, sends the origin it was told to. */
export interface TestClient {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** Opens server-sent events; with a body by POST. */
  events(path: string, body?: unknown): Promise<TestEvents>;
  readonly cookies: ReadonlyMap<string, string>;
}

export interface TestEvents {
  readonly status: number;
  /** The next event of this name; others before it are dropped. */
  next(event: string | RegExp): Promise<unknown>;
  close(): Promise<void>;
}

export function createTestClient(url: string): TestClient {
  const cookies = new Map<string, string>();

  const request = async (method: string, path: string, init: { body?: string; headers?: Record<string, string> }) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url + path, {
      method,
      redirect: "manual",
      // The next request may go to a hub that was started since.
      headers: { connection: "close", origin: url, ...(cookie === "" ? {} : { cookie }), ...init.headers },
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    return response;
  };

  const answer = async (response: Response): Promise<Answer> => {
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    return {
      status: response.status,
      body: isJson && text !== "" ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };

  const send = async (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    answer(await request(method, path, bodyOf(body, headers)));

  return {
    cookies,
    get: async (path) => answer(await request("GET", path, {})),
    post: (path, body, headers) => send("POST", path, body, headers),
    put: (path, body) => send("PUT", path, body),
    events: async (path, body) => readEvents(await request(body === undefined ? "GET" : "POST", path, bodyOf(body))),
    delete: async (path) => answer(await request("DELETE", path, {})),
  };
}

const bodyOf = (body: unknown, headers: Record<string, string> = {}) =>
  body === undefined
    ? { headers }
    : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };

function readEvents(response: Response): TestEvents {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (event: string | RegExp): Promise<unknown> => {
    const fits = (name = "") => (typeof event === "string" ? event === name : event.test(name));
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end === -1) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error(`the stream ended before ${event} came; unread: ${text}`);
        text += value;
      } else {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const name = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (fits(name) && data !== undefined) return JSON.parse(data);
      }
    }
  };
  return { status: response.status, next, close: async () => reader?.cancel() };
}
