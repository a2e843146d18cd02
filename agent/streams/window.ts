/** How much may be on its way to a reader who has not said that it arrived. */
export interface Window {
  /** Settles when more may be sent, or when it is over. */
  readonly sent: (size: number) => Promise<void>;
  /** @param total Of all since the beginning. */
  readonly shown: (total: number) => void;
}

/** @param over Nothing will be sent any more: who waits need not. */
export function createWindow(size: number, over: AbortSignal): Window {
  let sentSize = 0;
  let shownSize = 0;
  let wake = () => {};
  over.addEventListener("abort", () => wake(), { once: true });
  const isFull = () => sentSize - shownSize >= size && !over.aborted;
  return {
    sent: async (more) => {
      sentSize += more;
      while (isFull()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    shown: (total) => {
      // More than was sent cannot have been shown.
      shownSize = Math.max(shownSize, Math.min(total, sentSize));
      wake();
    },
  };
}
