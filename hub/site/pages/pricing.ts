import { type Bundle, tierIds } from "#shared/catalog/catalog.ts";
import { type Offer, offersOf, tierOf } from "#shared/catalog/offer.ts";
import type { Stock } from "../../shop/stock.ts";
import type { Page, Site } from "../frame.ts";
import { type Html, html } from "../html.ts";
import { coming, inOrder } from "../parts.ts";
import { gb, money, people, storageWords, tierAbout, tierTitles } from "../words.ts";

/** All bundles at all sizes. */
export function pricingPage(site: Site, stock: Stock): Page {
  const { catalog } = stock;
  const kinds = [
    { kind: "suite", title: "Suites" },
    { kind: "micro", title: "Bundles for one thing" },
  ] as const;
  return {
    title: "Pricing",
    description: `What a server of your own costs: ${catalog.bundles.length} bundles in three sizes, by the month.`,
    path: "/pricing",
    body: html`<div class="wide band first">
<h1>One price a month, for everything on it</h1>
<p class="lead">Server, apps, certificates and backups are in it. There is no price per person within a size.</p>
<ul class="tiers">${tierIds.map((id) => tierCard(tierOf(catalog, id)))}</ul>
${kinds.map(({ kind, title }) => {
  const bundles = inOrder(stock, kind);
  return bundles.length > 0 && priceTable(stock, { title, bundles });
})}
${addOns(site, stock)}
</div>`,
  };
}

const tierCard = ({ id, storageGb, memoryMb, users, backupDays }: ReturnType<typeof tierOf>) => html`<li class="card">
<h2>${tierTitles[id]} <small>${tierAbout[id]}</small></h2>
<ul class="checks"><li>${gb(memoryMb)} of memory</li><li>${storageWords({ tier: id, storageGb })} of storage</li><li>${people({ users })}</li><li>Backups kept for ${backupDays} days</li></ul>
</li>`;

const priceTable = (
  stock: Stock,
  { title, bundles }: { title: string; bundles: readonly Bundle[] },
) => html`<section class="prices">
<h2>${title}</h2>
<table>
<thead><tr><th scope="col">Bundle</th><th scope="col" class="apps-column">Apps</th>${tierIds.map((id) => html`<th scope="col">${tierTitles[id]}</th>`)}</tr></thead>
<tbody>${bundles.map(
  (bundle) => html`<tr>
<th scope="row"><a href="/bundles/${bundle.id}">${bundle.name}</a>${stock.missing(bundle).length > 0 && coming}<span>${bundle.tagline}</span></th>
<td class="apps-column">${bundle.modules.length}</td>
${offersOf(stock.catalog, bundle).map((offer) => html`<td data-tier="${tierTitles[offer.tier]}">${priceCell(offer)}</td>`)}
</tr>`,
)}</tbody>
</table>
</section>`;

const priceCell = ({ price }: Offer): Html | string =>
  typeof price === "number" ? money(price) : html`<span class="muted">On request</span>`;

function addOns(site: Site, { catalog, modules, missing }: Stock): Html | undefined {
  if (catalog.addOns.length === 0) return undefined;
  const isSomeComing = catalog.addOns.some((addOn) => missing(addOn).length > 0);
  const sorted = [...catalog.addOns].sort((a, b) => a.priceCents - b.priceCents);
  return html`<section class="prices">
<h2>Add-ons</h2>
<p class="sub">One more app on any bundle that has the room. Apps that are not listed here cost nothing on top.${isSomeComing && " Those that are still to come can be bought as soon as they are there."}</p>
<ul class="add-ons">${sorted.map(({ id, priceCents, fromTier }) => {
    const title = modules.get(id)?.title ?? id;
    return html`<li><span>${title}${fromTier !== "t1" && html` <small>from ${tierTitles[fromTier]}</small>`}</span><span class="mono">${money(priceCents)}</span></li>`;
  })}${catalog.storage.map(({ storageGb, priceCents }) => html`<li><span>${storageGb} GB of storage</span><span class="mono">${money(priceCents)}</span></li>`)}</ul>
<p class="sub">Prices in US dollars, a month. ${site.contact !== undefined && html`Something else in mind? <a class="link" href="mailto:${site.contact}">Write to us</a>.`}</p>
</section>`;
}
