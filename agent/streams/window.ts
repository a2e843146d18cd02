/** How much may be on its way to a reader who has not said that it arrived. */
export interface Window {
  /** Settles when more may be sent, or when it is over. */
  readonly sent: (bytes: number) => Promise<void>;
  /** @param total Of all bytes since the beginning. */
  readonly shown: (total: number) => void;
}

/** @param over Nothing will be sent any more: who waits need not. */
export function createWindow(sizeBytes: number, over: AbortSignal): Window {
  let sentBytes = 0;
  let shownBytes = 0;
  let wake = () => {};
  over.addEventListener("abort", () => wake(), { once: true });
  const isFull = () => sentBytes - shownBytes >= sizeBytes && !over.aborted;
  return {
    sent: async (bytes) => {
      sentBytes += bytes;
      while (isFull()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    shown: (total) => {
      // More than was sent cannot have been shown.
      shownBytes = Math.max(shownBytes, Math.min(total, sentBytes));
      wake();
    },
  };
}
