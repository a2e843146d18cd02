import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { Hono } from "hono";
import { Problem } from "#shared/problem.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};

/** Nothing but what the beacon itself serves (https://www.w3.org/TR/CSP3/). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Files under this path have a hash of their content in their name. */
const HASHED = "/assets/";

const NOT_BUILT = `The agent is running, but its pages were not built.
Build them with: npm run build
`;

/** The dashboard: files of a folder, and `index.html` for every path that the pages themselves resolve. */
export const createPages = (directory: string) => {
  const readPage = async (path: string) => {
    const file = join(directory, normalize(path));
    const content = await readFile(file).catch(() => undefined);
    const type = types[extname(file)];
    return content === undefined || type === undefined ? undefined : { content, type };
  };

  return new Hono().get("*", async (c) => {
    const path = decodePath(c.req.path);
    const page = await readPage(path);
    if (page === undefined && extname(path) !== "") throw new Problem("not_found", `there is no page ${path}`);
    const shown = page ?? (await readPage("/index.html"));
    c.header("content-security-policy", CONTENT_SECURITY_POLICY);
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
    if (shown === undefined) return c.text(NOT_BUILT, 503);
    c.header("cache-control", path.startsWith(HASHED) ? "public, max-age=31536000, immutable" : "no-cache");
    return c.body(new Uint8Array(shown.content), 200, { "content-type": shown.type });
  });
};

function decodePath(path: string): string {
  try {
    return normalize(decodeURIComponent(path));
  } catch (cause) {
    throw new Problem("invalid_input", "the path is not well-formed", { cause });
  }
}
