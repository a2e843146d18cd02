/** How long to wait before what only reads is tried again. */
const PAUSES_MS = [300, 1_200];

type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/**
 * `fetch` for pages. A browser drops all its requests whenever a network comes or goes, so what only reads is tried
 * again when it never got an answer. What changes something is sent once: nobody knows whether it has arrived.
 */
export const createPatientFetch =
  (fetchOnce: Fetch): Fetch =>
  async (input, init) => {
    for (const pauseMs of (init?.method ?? "GET") === "GET" ? PAUSES_MS : []) {
      try {
        return await fetchOnce(input, init);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    return fetchOnce(input, init);
  };
