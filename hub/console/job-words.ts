import type { JobState, JobView } from "#shared/api/hub.ts";

interface Words {
  readonly title: string;
  /** What goes on in this state. */
  readonly about: string;
}

export const jobWords: Readonly<Record<JobState, Words>> = {
  PENDING: { title: "Order taken", about: "The order is stored and its name is kept." },
  PAYMENT_RECEIVED: { title: "Payment", about: "Paid, or free of charge on this hub." },
  PROVISIONING_VPS: { title: "Create the server", about: "The provider is asked for a machine." },
  WAITING_FOR_VPS: { title: "Wait for the server", about: "The machine boots and its agent enrols." },
  CONFIGURING_DNS: { title: "Point the domain at it", about: "DNS records are made and seen to answer." },
  DEPLOYING_WOPR: { title: "Install the apps", about: "The core services first, then what was ordered." },
  GENERATING_DOCS: { title: "Write the handbook", about: "A PDF with this beacon's own addresses." },
  SENDING_WELCOME: { title: "Send the welcome", about: "The owner gets a mail with the handbook." },
  COMPLETED: { title: "Ready", about: "The beacon is up and belongs to its owner." },
  FAILED: { title: "Failed", about: "It stopped and waits for somebody to decide." },
  CANCELLED: { title: "Cancelled", about: "What had been made was taken back." },
};

export const jobHasEnded = (state: JobState): boolean =>
  state === "COMPLETED" || state === "FAILED" || state === "CANCELLED";

/** What a job that goes on does, in one line. */
export const jobNow = ({ state, waitingFor }: JobView): string =>
  waitingFor === undefined ? jobWords[state].title : `${jobWords[state].title}: waiting for ${waitingFor}`;

/** Pure: it is completed, and nobody has taken its welcome mail. */
export const lacksMail = ({ state, problem }: Pick<JobView, "state" | "problem">): boolean =>
  state === "COMPLETED" && problem !== undefined;
