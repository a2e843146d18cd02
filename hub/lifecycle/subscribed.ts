/** The subscription that pays for a beacon. Both do nothing where there is none, and may be called again. */
export interface Subscribed {
  /** Ends it at once; nothing more is charged. Invoices stay as they are. */
  end(beacon: string): Promise<void>;
  /** Bills and reminders go to another address from now on, as far as that can be. @returns what came of it, in words */
  handOver(beacon: string, email: string): Promise<string>;
}

/** Where nothing is sold. */
export const nothingSubscribed: Subscribed = {
  end: async () => undefined,
  handOver: async () => "Nothing is paid for it.",
};
