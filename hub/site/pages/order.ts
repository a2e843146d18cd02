import { type JobState, type JobView, jobStates } from "#shared/api/hub.ts";
import { orderPath } from "../../shop/checkout.ts";
import type { Page, Site } from "../frame.ts";
import { type Html, html } from "../html.ts";
import { money } from "../words.ts";

export interface OrderView {
  readonly job: JobView;
  /** The reader's browser is the one that placed it. */
  readonly isMine: boolean;
  /** Why the payment could not be opened just now. */
  readonly wrong?: string | undefined;
}

/** How far an order is. With a script it changes by itself, else by being loaded again. */
export function orderPage(site: Site, view: OrderView): Page {
  const { job, wrong } = view;
  const path = orderPath(job.purchase);
  return {
    title: `${job.beaconName}.${site.zone}`,
    description: "How far your order is.",
    path: undefined,
    head: isOver(job)
      ? undefined
      : html`<noscript><meta http-equiv="refresh" content="${job.state === "PENDING" ? 30 : 5}; url=${path}"></noscript><script src="${site.script}" defer></script>`,
    body: html`<div class="narrow band first">
${wrong !== undefined && html`<div class="notice" data-tone="bad" role="alert"><p>${wrong}</p></div>`}
<p class="visually-hidden" role="status" id="said"></p>
<div id="progress"${!isOver(job) && html` data-events="${path}/events"`}>${orderProgress(site, view)}</div>
</div>`,
  };
}

/** Nothing changes any more, but what an operator may do about a failure. */
export const isOver = ({ state }: Pick<JobView, "state">): boolean => state === "COMPLETED" || state === "CANCELLED";

/** What changes on the page of an order while somebody looks. */
export const orderProgress = (site: Site, view: OrderView): Html => {
  const { job } = view;
  if (job.state === "COMPLETED") return completed(site, job);
  if (job.state === "CANCELLED") return cancelled(site, view);
  if (job.state === "PENDING") return pending(site, view);
  return working(site, job);
};

/** One sentence of it, for whoever listens instead of looking. */
export const orderSentence = ({ job }: OrderView): string =>
  job.state === "COMPLETED" ? "Your server is up." : (steps[job.state]?.now ?? "The order has ended.");

const heading = (site: Site, job: JobView, text: string) =>
  html`<p class="crumb mono">${job.beaconName}.${site.zone}</p><h1>${text}</h1>`;

function completed(site: Site, job: JobView): Html {
  const dashboard = job.beacon === undefined ? "/" : `/beacons/${job.beacon}`;
  return html`${heading(site, job, "Your server is up")}
<p class="lead">The handbook is on its way to ${masked(job.email)}, with a link that signs you in.</p>
<p class="actions"><a class="button" data-kind="primary" data-size="large" href="${dashboard}">Open the dashboard</a></p>
${track(job)}`;
}

function cancelled(site: Site, { job }: OrderView): Html {
  const again = job.sale === undefined ? "/pricing" : `/sign-up?bundle=${job.sale.bundle}&tier=${job.sale.tier}`;
  return html`${heading(site, job, "This order has ended")}
<p class="lead">It was cancelled, or its time was over. The name is free again.</p>
<p class="actions"><a class="button" data-kind="primary" href="${again}">Order again</a></p>`;
}

function pending(site: Site, { job, isMine }: OrderView): Html {
  const path = orderPath(job.purchase);
  const pays = job.sale?.awaits === "payment" && job.sale.approvedAt === undefined;
  return html`${heading(site, job, pays ? "One step left: the payment" : "Your order is in")}
<p class="lead">${pays ? html`The name is held for you while the checkout is open. As soon as the payment is there, the work begins, and this page shows it.` : html`Somebody looks at it before the work begins. This page shows how far your server is; its address is on its way to ${masked(job.email)}.`}</p>
${job.sale !== undefined && html`<p class="sub">${money(job.sale.monthlyCents)} a month</p>`}
<div class="actions">${pays && html`<form method="post" action="${path}/pay"><button class="button" data-kind="primary" data-size="large">Go to the payment</button></form>`}${isMine && html`<form method="post" action="${path}/cancel"><button class="button" data-size="large">Cancel the order</button></form>`}</div>
${track(job)}`;
}

function working(site: Site, job: JobView): Html {
  const hasFailed = job.state === "FAILED";
  return html`${heading(site, job, hasFailed ? "This takes longer than it should" : "Your server is being made")}
<p class="lead">${hasFailed ? "A step did not work, and the people who run this were told. Your order is kept; you need not do anything." : "You may leave this page: everything goes on without it, and a mail tells you when it is done."}</p>
${track(job)}`;
}

type StepState = Exclude<JobState, "COMPLETED" | "FAILED" | "CANCELLED">;

/** In the words of whoever waits for it. */
const steps: { readonly [S in JobState]?: { readonly title: string; readonly now: string } } = {
  PENDING: { title: "Order accepted", now: "The order waits to be accepted." },
  PAYMENT_RECEIVED: { title: "Name registered", now: "Your server gets its name." },
  PROVISIONING_VPS: { title: "Server created", now: "Your server is being created." },
  WAITING_FOR_VPS: { title: "Server started", now: "Your server starts for the first time." },
  CONFIGURING_DNS: { title: "Address set", now: "Your server gets its address." },
  DEPLOYING_WOPR: { title: "Apps installed", now: "Your apps are being installed." },
  GENERATING_DOCS: { title: "Handbook written", now: "Your handbook is being written." },
  SENDING_WELCOME: { title: "Welcome mail sent", now: "Your welcome mail goes out." },
} satisfies { readonly [S in StepState]: unknown };

function track(job: JobView): Html {
  const inOrder: readonly JobState[] = jobStates;
  const at = inOrder.indexOf(job.state === "FAILED" ? (job.stoppedIn ?? "PENDING") : job.state);
  return html`<ol class="track">${inOrder.flatMap((state, nth) => {
    const step = steps[state];
    if (step === undefined) return [];
    const mark = nth < at ? "done" : nth > at ? "next" : job.state === "FAILED" ? "failed" : "now";
    const detail =
      mark === "now" &&
      state !== "PENDING" &&
      job.waitingFor !== undefined &&
      html`<small class="muted">Waiting for ${job.waitingFor}</small>`;
    return [
      html`<li data-mark="${mark}"${mark === "now" && html` aria-current="step"`}><span>${mark === "now" ? step.now : step.title}${detail}</span></li>`,
    ];
  })}</ol>`;
}

/** An address that its owner knows again, and nobody else learns. */
const masked = (email: string) => email.replace(/^(.).*@/, "$1…@");
