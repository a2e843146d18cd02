import type { Stock } from "../../shop/stock.ts";
import type { Page, Site } from "../frame.ts";
import { html } from "../html.ts";
import { bundleCard, bundleRow, inOrder } from "../parts.ts";

/** What a stranger sees first. */
export function landingPage(site: Site, stock: Stock): Page {
  const suites = inOrder(stock, "suite");
  const micro = inOrder(stock, "micro");
  return {
    title: site.name,
    description:
      "A server of your own, with the apps you need, ready in minutes. Open source, no price per seat, and yours to take along.",
    path: "/",
    body: html`<section class="hero">
<div class="wide">
<div>
<h1>Your apps.<br>Your server.<br><em>Ready in minutes.</em></h1>
<p class="lead">Pick a bundle and a name. ${site.name} sets up a server that is yours alone, installs the apps, and keeps watch over it. You never see a command line.</p>
<p class="actions"><a class="button" data-kind="primary" data-size="large" href="/pricing">See bundles and prices</a><a class="button" data-size="large" href="#how">How it works</a></p>
</div>
${beacon(site)}
</div>
</section>
<section class="wide band" id="how" aria-labelledby="how-title">
<h2 id="how-title">From a name to a running server</h2>
<ol class="steps">
<li><h3>Choose</h3><p>A bundle for what you do, a size, and a name: your apps will live at <span class="mono">name.${site.zone}</span>.</p></li>
<li><h3>Watch it come up</h3><p>The server is created, gets its address and its certificates, and the apps go in. You see each step as it happens.</p></li>
<li><h3>Sign in</h3><p>A handbook comes by mail: where everything is, and what to do first. There is no password in it that could leak.</p></li>
</ol>
</section>
${
  suites.length > 0 &&
  html`<section class="wide band" aria-labelledby="suites-title">
<h2 id="suites-title">Suites</h2>
<p class="sub">Everything for one way of living or working.</p>
<ul class="cards">${suites.map((bundle) => bundleCard(stock, bundle))}</ul>
</section>`
}
${
  micro.length > 0 &&
  html`<section class="wide band" aria-labelledby="micro-title">
<h2 id="micro-title">Bundles for one thing</h2>
<p class="sub">Small, affordable, made for one trade or one need.</p>
<ul class="cards">${micro.map((bundle) => bundleRow(stock, bundle))}</ul>
</section>`
}
<section class="wide band" aria-labelledby="why-title">
<h2 id="why-title">What you get every time</h2>
<ul class="points">
<li><h3>A server nobody shares</h3><p>Your apps and your data run on a machine of their own, not as one row among millions.</p></li>
<li><h3>HTTPS by itself</h3><p>Every app gets an address and a certificate, and keeps it.</p></li>
<li><h3>Somebody who watches</h3><p>Load, disks, certificates and every app are measured around the clock; you hear of trouble before it hurts.</p></li>
<li><h3>One price</h3><p>A bundle costs what it costs, however many of your people use it within its size.</p></li>
<li><h3>Open source, all of it</h3><p>The apps, and what runs them. Nothing in there works against you.</p></li>
<li><h3>A way out</h3><p>Leave whenever you like: your server goes on running without us, with everything on it.</p></li>
</ul>
</section>`,
  };
}

/** A server as its owner sees it. */
const beacon = (site: Site) => {
  const apps = [
    ["Files", "Nextcloud", "files"],
    ["Passwords", "Vaultwarden", "passwords"],
    ["Photos", "Immich", "photos"],
    ["Chat", "Mattermost", "chat"],
  ] as const;
  return html`<figure class="beacon" aria-label="What a server looks like to its owner">
<figcaption><span class="live"></span><span class="mono">ada.${site.zone}</span></figcaption>
<ul>${apps.map(([what, app, host]) => html`<li><span class="what">${what}</span><span class="app">${app}</span><span class="mono host">${host}.ada.${site.zone}</span></li>`)}</ul>
<dl><div><dt>Certificates</dt><dd>valid</dd></div><div><dt>Memory</dt><dd>3.1 of 8 GB</dd></div><div><dt>Alerts</dt><dd>none</dd></div></dl>
</figure>`;
};
