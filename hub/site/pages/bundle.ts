import type { Bundle } from "#shared/catalog/catalog.ts";
import { type Offer, offersOf } from "#shared/catalog/offer.ts";
import type { Stock } from "../../shop/stock.ts";
import type { Page, Site } from "../frame.ts";
import { type Html, html } from "../html.ts";
import { appsOf } from "../parts.ts";
import { appCount, gb, money, people, storageWords, tierAbout, tierTitles } from "../words.ts";

/** What is in a bundle, and what it costs at which size. */
export function bundlePage(site: Site, stock: Stock, bundle: Bundle): Page {
  const missing = stock.missing(bundle);
  const apps = appsOf(stock, bundle);
  const replaced = [...new Set(apps.flatMap(({ replaces }) => replaces))];
  return {
    title: bundle.name,
    description: `${bundle.tagline}. ${bundle.about}`.slice(0, 300),
    path: `/bundles/${bundle.id}`,
    body: html`<div class="wide band first">
<p class="crumb"><a href="/pricing">All bundles</a></p>
<h1>${bundle.name}</h1>
<p class="lead">${bundle.tagline}</p>
<p class="about">${bundle.about}</p>
${missing.length > 0 && html`<p class="notice" role="status"><strong>Coming.</strong> ${missing.length === apps.length ? "The apps of this bundle are" : `${missing.length} of its ${apps.length} apps ${missing.length === 1 ? "is" : "are"}`} being prepared. It can be bought as soon as all of them are there.</p>`}
<ul class="tiers">${offersOf(stock.catalog, bundle).map((offer) => offerCard(site, offer, missing.length === 0))}</ul>
<section class="prices">
<h2>${appCount(apps.length)}, and what carries ${apps.length === 1 ? "it" : "them"}</h2>
<ul class="app-list">${apps.map(
      ({ id, title, purpose }) =>
        html`<li><strong>${title}</strong>${missing.includes(id) && html`<span class="tag">Coming</span>`}<span>${purpose}</span></li>`,
    )}</ul>
<p class="sub">On every server besides: HTTPS, sign-on, and the databases that the apps share.</p>
${replaced.length > 0 && html`<p class="sub">What people leave for it: ${replaced.join(", ")}.</p>`}
</section>
</div>`,
  };
}

function offerCard(site: Site, offer: Offer, isSold: boolean): Html {
  const { tier, price } = offer;
  return html`<li class="card offer-card">
<h2>${tierTitles[tier]} <small>${tierAbout[tier]}</small></h2>
<p class="big">${typeof price === "number" ? html`${money(price)}<small>/month</small>` : "On request"}</p>
<ul class="checks"><li>${gb(offer.memoryMb)} of memory</li><li>${storageWords(offer)} of storage</li><li>${people(offer)}</li><li>Backups kept for ${offer.backupDays} days</li></ul>
${action(site, offer, isSold)}
</li>`;
}

function action({ contact }: Site, { bundle, tier, price }: Offer, isSold: boolean): Html | undefined {
  if (typeof price === "number" && isSold) {
    return html`<a class="button" data-kind="primary" href="/sign-up?bundle=${bundle.id}&amp;tier=${tier}" aria-label="Choose ${bundle.name} ${tierTitles[tier]}">Choose ${tierTitles[tier]}</a>`;
  }
  if (typeof price === "number") return html`<span class="button" aria-disabled="true">Not yet</span>`;
  const subject = encodeURIComponent(`${bundle.name} ${tierTitles[tier]}`);
  return contact === undefined
    ? undefined
    : html`<a class="button" href="mailto:${contact}?subject=${subject}">Write to us</a>`;
}
