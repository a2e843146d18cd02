/** A browser without pages: posts forms as one does, keeps its cookies, follows nothing. @param more Headers of each request. */
export function createBuyer(url: string, more: Readonly<Record<string, string>> = {}) {
  const cookies = new Map<string, string>();
  const request = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { connection: "close", ...more, ...(cookie === "" ? {} : { cookie }), ...init.headers };
    const response = await fetch(new URL(path, url), { redirect: "manual", ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    return {
      status: response.status,
      text: await response.text(),
      headers: response.headers,
      location: response.headers.get("location") ?? "",
    };
  };
  return {
    get: (path: string) => request(path),
    /** Fields that are repeated come as lists. */
    post: (path: string, fields: Readonly<Record<string, string | readonly string[]>>) => {
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
      return request(path, { method: "POST", body, headers: { origin: url } });
    },
  };
}

export const wanted = { bundle: "tiny", tier: "t1", name: "ada", email: "ada@example.org", storage: "" };
