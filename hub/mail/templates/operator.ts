import type { ProblemBody } from "#shared/problem.ts";
import { button, facts, text, type Words, writeLetter } from "./letter.ts";

/** What a mail to an operator says of an order. */
export interface OrderFacts {
  /** What its beacon is reached at, or would have been. */
  readonly domain: string;
  /** Of the customer. */
  readonly email: string;
  /** What was being done, for example `Creating the server`. */
  readonly doing: string;
  /** What is in the way. */
  readonly problem: ProblemBody | undefined;
  /** Its page in the console. */
  readonly jobUrl: string;
  /** How long after its payment an order is called off. */
  readonly hours: number;
}

const reasons = ({ problem }: OrderFacts) =>
  problem === undefined ? [] : [text(`${problem.message}.${problem.hint === undefined ? "" : ` ${problem.hint}`}`)];

const about = ({ domain, email, doing }: OrderFacts) =>
  facts(["Beacon", domain], ["Customer", email], ["While", doing]);

/** An order has failed, and waits for somebody. */
export const orderFailedMail = (order: OrderFacts): Words =>
  writeLetter({
    subject: `The order of ${order.domain} has failed`,
    blocks: [
      ...reasons(order),
      about(order),
      button("Look at the job", order.jobUrl),
      text(
        `Retry it once the reason is gone; it goes on where it stopped. An order that is paid for is called off by itself ${order.hours} hours after its payment, and the money goes back.`,
      ),
    ],
  });

/** An order was paid for, and was not delivered in its time. */
export const orderCalledOffMail = (order: OrderFacts): Words =>
  writeLetter({
    subject: `The order of ${order.domain} was not delivered in time`,
    blocks: [
      text(
        `It was paid for ${order.hours} hours ago. What was made for it is being removed, the money goes back, and the customer is told.`,
      ),
      ...reasons(order),
      about(order),
      button("Look at the job", order.jobUrl),
    ],
  });
