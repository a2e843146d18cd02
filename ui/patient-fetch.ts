/** How long to wait before what only reads is tried again. */
const PAUSES_MS = [300, 1_200, 4_000];

type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** What only reads, tried again when it fails. @throws what the last attempt threw */
export async function patiently<T>(read: () => Promise<T>): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await read();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return read();
}

/**
 * `fetch` for pages. A browser drops all its requests whenever a network comes or goes, so what only reads is tried
 * again when it never got an answer. What changes something is sent once: nobody knows whether it has arrived.
 */
export const createPatientFetch =
  (fetchOnce: Fetch): Fetch =>
  (input, init) =>
    (init?.method ?? "GET") === "GET" ? patiently(() => fetchOnce(input, init)) : fetchOnce(input, init);
