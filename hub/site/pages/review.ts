import type { Quote } from "#shared/catalog/selection.ts";
import type { Sale } from "../../store/purchases.ts";
import type { Page, Site } from "../frame.ts";
import { html } from "../html.ts";
import { gb, money, people } from "../words.ts";
import type { SignUpForm } from "./sign-up.ts";

export interface ReviewView {
  readonly form: SignUpForm;
  readonly quote: Quote;
  readonly awaits: Sale["awaits"];
}

/** Everything once more, with its price, before anything is ordered. */
export function reviewPage(site: Site, { form, quote, awaits }: ReviewView): Page {
  const { offer, lines, totalCents, storageGb } = quote;
  const terms = site.texts.find(({ path }) => path === "/terms");
  return {
    title: "Your order",
    description: "Your order, before it is placed.",
    path: undefined,
    body: html`<div class="narrow band first">
<h1>Is this right?</h1>
<dl class="summary card">
<div><dt>Address</dt><dd class="mono">${form.name}.${site.zone}</dd></div>
<div><dt>Handbook and sign-in to</dt><dd>${form.email}</dd></div>
<div><dt>Server</dt><dd>${gb(offer.memoryMb)} of memory, ${storageGb} GB of storage. ${people(offer)}.</dd></div>
</dl>
<table class="bill card"><caption class="visually-hidden">Prices a month</caption>
<tbody>${lines.map(({ title, priceCents }) => html`<tr><th scope="row">${title}</th><td class="mono">${money(priceCents)}</td></tr>`)}</tbody>
<tfoot><tr><th scope="row">Total a month</th><td class="mono">${money(totalCents)}</td></tr></tfoot></table>
<form method="post" action="/order">
${hidden("bundle", form.bundle)}${hidden("tier", form.tier)}${hidden("name", form.name)}${hidden("email", form.email)}${hidden("storage", form.storage)}${form.addOns.map((id) => hidden("addOns", id))}
${terms !== undefined && html`<p class="muted">With the order you agree to the <a class="link" href="${terms.path}">${terms.title.toLowerCase()}</a>.</p>`}
<p class="actions"><button class="button" data-kind="primary" data-size="large">${awaits === "payment" ? `Order and pay ${money(totalCents)}` : "Place the order"}</button>
<button class="button" data-size="large" formaction="/sign-up" name="step" value="change">Change something</button></p>
<p class="muted">${awaits === "payment" ? "You pay on the next page. Your name is held for you meanwhile." : "Somebody looks at each order before the work begins. You pay nothing here."}</p>
</form>
</div>`,
  };
}

const hidden = (name: string, value: string) => html`<input type="hidden" name="${name}" value="${value}">`;
