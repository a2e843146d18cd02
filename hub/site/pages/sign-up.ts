import { type AddOn, type Bundle, tierIds } from "#shared/catalog/catalog.ts";
import { offersOf } from "#shared/catalog/offer.ts";
import type { Stock } from "../../shop/stock.ts";
import type { Page, Site } from "../frame.ts";
import { type Html, html } from "../html.ts";
import { aboutField, wrongOf } from "../parts.ts";
import { appCount, gb, money, people, storageWords, tierTitles } from "../words.ts";

/** What somebody typed and chose, as it came. */
export interface SignUpForm {
  readonly bundle: string;
  readonly tier: string;
  readonly name: string;
  readonly email: string;
  readonly addOns: readonly string[];
  /** Empty: what is included. */
  readonly storage: string;
}

/** What is wrong with a field and what to do about it. */
export type Wrongs = { readonly [F in keyof SignUpForm]?: string | undefined };

export interface SignUpView {
  readonly bundle: Bundle;
  readonly form: SignUpForm;
  readonly wrongs: Wrongs;
  /** Page of an order for the same name that this reader has open. */
  readonly openOrder?: string | undefined;
}

/** Name, address, size and extras for one bundle. */
export function signUpPage(site: Site, stock: Stock, { bundle, form, wrongs, openOrder }: SignUpView): Page {
  const wrongCount = Object.values(wrongs).filter((wrong) => wrong !== undefined).length;
  return {
    title: `${wrongCount > 0 ? "Please look again: " : ""}Get ${bundle.name}`,
    description: bundle.tagline,
    path: undefined,
    body: html`<div class="narrow band first">
<p class="crumb"><a href="/bundles/${bundle.id}">${bundle.name}</a></p>
<h1>Get ${bundle.name}</h1>
<p class="lead">${appCount(bundle.modules.length)} on a server of your own. <a class="link" href="/pricing">Choose another bundle</a></p>
${wrongCount > 0 && html`<div class="notice" data-tone="bad" role="alert"><p><strong>${wrongCount === 1 ? "One thing" : `${wrongCount} things`} to look at again,</strong> marked below.</p>${openOrder !== undefined && html`<p><a class="link" href="${openOrder}">To the order that you have open</a></p>`}</div>`}
<form method="post" action="/sign-up" class="form" novalidate>
<input type="hidden" name="bundle" value="${bundle.id}">
${nameField(site, form.name, wrongs.name)}
<div class="field"><label for="email">E-mail</label>
<input class="input" id="email" name="email" type="email" value="${form.email}" required maxlength="254" autocomplete="email"${aboutField("email", { note: true, wrong: wrongs.email })}>
${wrongOf("email", wrongs.email)}
<p class="note" id="email-note">Your handbook and your first sign-in link go there.</p></div>
${sizes(stock, bundle, { form, wrong: wrongs.tier })}
${extras(stock, bundle, { form, wrongs })}
<p class="actions"><button class="button" data-kind="primary" data-size="large">Review the order</button><span class="muted">Nothing is ordered yet.</span></p>
</form>
</div>`,
  };
}

const nameField = (
  { zone }: Site,
  name: string,
  wrong: string | undefined,
) => html`<div class="field"><label for="name">Name of your server</label>
<div class="input-affix"><input class="input" id="name" name="name" value="${name}" required minlength="3" maxlength="40" autocomplete="off" autocapitalize="none" spellcheck="false"${aboutField("name", { note: true, wrong })}><span class="affix mono">.${zone}</span></div>
${wrongOf("name", wrong)}
<p class="note" id="name-note">a to z, 0 to 9 and hyphens. Your apps get their addresses below it.</p></div>`;

const sizes = (
  { catalog }: Stock,
  bundle: Bundle,
  { form, wrong }: { readonly form: SignUpForm; readonly wrong: string | undefined },
) => html`<fieldset class="field"${aboutField("tier", { wrong })}><legend>Size</legend>
${wrongOf("tier", wrong)}
<div class="choices">${offersOf(catalog, bundle).flatMap((offer) =>
  typeof offer.price === "number"
    ? [
        html`<label class="choice"><input type="radio" name="tier" value="${offer.tier}"${offer.tier === form.tier && html` checked`}><span><strong>${tierTitles[offer.tier]}</strong><span class="price">${money(offer.price)}<small>/month</small></span><span class="muted">${gb(offer.memoryMb)} memory, ${storageWords(offer)} storage. ${people(offer)}.</span></span></label>`,
      ]
    : [],
)}</div></fieldset>`;

function extras(
  stock: Stock,
  bundle: Bundle,
  { form, wrongs }: { readonly form: SignUpForm; readonly wrongs: Wrongs },
): Html | undefined {
  const { addOns, storage } = stock.catalog;
  const offered = addOns.filter(
    (addOn) => stock.missing(addOn).length === 0 && !addOn.modules.every((id) => bundle.modules.includes(id)),
  );
  const isOpen =
    form.addOns.length > 0 || form.storage !== "" || wrongs.addOns !== undefined || wrongs.storage !== undefined;
  return html`<details class="extras"${isOpen && html` open`}><summary>Add apps or storage</summary>
${
  offered.length > 0 &&
  html`<fieldset class="field"${aboutField("addOns", { wrong: wrongs.addOns })}><legend>Apps</legend>
${wrongOf("addOns", wrongs.addOns)}
<div class="checks-list">${offered.map((addOn) => addOnBox(stock, addOn, form.addOns.includes(addOn.id)))}</div></fieldset>`
}
${offered.length === 0 && wrongOf("addOns", wrongs.addOns)}
<fieldset class="field"${aboutField("storage", { wrong: wrongs.storage })}><legend>Storage</legend>
${wrongOf("storage", wrongs.storage)}
<div class="checks-list"><label><input type="radio" name="storage" value=""${form.storage === "" && html` checked`}><span>What the size includes</span></label>
${storage.map(({ id, storageGb, priceCents }) => html`<label><input type="radio" name="storage" value="${id}"${form.storage === id && html` checked`}><span>${storageGb} GB</span><span class="mono">${money(priceCents)}</span></label>`)}</div></fieldset>
</details>`;
}

const addOnBox = ({ modules }: Stock, { id, priceCents, fromTier }: AddOn, isChosen: boolean) => {
  const module = modules.get(id);
  const from = fromTier !== tierIds[0] && html` <small>from ${tierTitles[fromTier]}</small>`;
  return html`<label><input type="checkbox" name="addOns" value="${id}"${isChosen && html` checked`}><span>${module?.title ?? id}${from}<small class="muted">${module?.purpose}</small></span><span class="mono">${money(priceCents)}</span></label>`;
};
