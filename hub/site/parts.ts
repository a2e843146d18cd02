import type { Bundle, ListedModule } from "#shared/catalog/catalog.ts";
import { offersOf } from "#shared/catalog/offer.ts";
import type { Stock } from "../shop/stock.ts";
import { type Html, html } from "./html.ts";
import { appCount, money } from "./words.ts";

/** Price of the smallest tier that has one. */
export function fromPrice({ catalog }: Pick<Stock, "catalog">, bundle: Bundle): Html {
  const prices = offersOf(catalog, bundle).flatMap(({ price }) => (typeof price === "number" ? [price] : []));
  if (prices.length === 0) return html`<span class="price">On request</span>`;
  return html`<span class="price">${money(Math.min(...prices))}<small>/month</small></span>`;
}

export const appsOf = (
  { modules }: Pick<Stock, "modules">,
  of: { readonly modules: readonly string[] },
): ListedModule[] => of.modules.flatMap((id) => modules.get(id) ?? []);

/** A bundle in a list of bundles. */
export function bundleCard(stock: Stock, bundle: Bundle): Html {
  const isComing = stock.missing(bundle).length > 0;
  const apps = appsOf(stock, bundle);
  const first = apps.slice(0, 4).map(({ title }) => title);
  const more = apps.length - first.length;
  return html`<li class="card bundle">
<h3><a href="/bundles/${bundle.id}">${bundle.name}</a></h3>
<p class="tagline">${bundle.tagline}</p>
<p class="apps">${first.join(", ")}${more > 0 && ` and ${more} more`}</p>
<p class="foot">${fromPrice(stock, bundle)}${isComing ? coming : html`<span class="count">${appCount(apps.length)}</span>`}</p>
</li>`;
}

/** A bundle in a list of many. */
export const bundleRow = (stock: Stock, bundle: Bundle): Html => html`<li class="card bundle" data-size="small">
<h3><a href="/bundles/${bundle.id}">${bundle.name}</a></h3>
<p class="tagline">${bundle.tagline}</p>
<p class="foot">${fromPrice(stock, bundle)}${stock.missing(bundle).length > 0 && coming}</p>
</li>`;

/** What can be bought comes first. */
export const inOrder = (stock: Stock, kind: Bundle["kind"]): Bundle[] =>
  stock.catalog.bundles
    .filter((bundle) => bundle.kind === kind)
    .sort((a, b) => Math.sign(stock.missing(a).length) - Math.sign(stock.missing(b).length));

export const coming = html`<span class="tag">Coming</span>`;

/** What is wrong with a field, beside it. */
export const wrongOf = (id: string, message: string | undefined): Html | undefined =>
  message === undefined ? undefined : html`<p class="wrong" id="${id}-wrong">${message}</p>`;

/** Attributes that tie a field to what is said about it. */
export const aboutField = (id: string, { note, wrong }: { note?: boolean; wrong?: string | undefined }): Html => {
  const ids = [...(wrong === undefined ? [] : [`${id}-wrong`]), ...(note === true ? [`${id}-note`] : [])];
  return html`${wrong !== undefined && html` aria-invalid="true"`}${ids.length > 0 && html` aria-describedby="${ids.join(" ")}"`}`;
};
