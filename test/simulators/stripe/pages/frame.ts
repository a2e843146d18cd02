import { html, raw } from "hono/html";
import type { World } from "../world.ts";

const style = raw(`
:root{--ink:#1f2430;--soft:#5b6472;--line:#d9dee6;--paper:#fff;--ground:#f5f7fa;--accent:#0b5fd6;--bad:#b3261e;--good:#146c43}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
.sham{background:#fff4d6;border-bottom:1px solid #e5cf8f;padding:.5rem 1rem;text-align:center;font-size:.875rem}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem;display:grid;gap:2.5rem}
@media(min-width:48rem){main.two{grid-template-columns:1fr 1fr;gap:5rem}}
main.one{max-width:38rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.0625rem;margin:0 0 .75rem}
p{margin:0 0 .75rem}small,.soft{color:var(--soft)}
.sum{font-size:2.25rem;font-weight:600;margin:0 0 1.25rem}.sum small{font-size:.9375rem;font-weight:400;margin-left:.5rem}
table{width:100%;border-collapse:collapse}td,th{padding:.625rem 0;border-top:1px solid var(--line);text-align:left;font-weight:400;vertical-align:top}
td:last-child,th:last-child{text-align:right;white-space:nowrap}tr.total>*{font-weight:600}
section{background:var(--paper);border:1px solid var(--line);border-radius:.5rem;padding:1.25rem}
section+section{margin-top:1rem}
label{display:block;font-size:.875rem;color:var(--soft);margin-bottom:.875rem}
input{display:block;width:100%;margin-top:.25rem;padding:.625rem .75rem;font:inherit;color:var(--ink);background:#fff;border:1px solid #b6bfcc;border-radius:.375rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:.875rem}
button,.button{display:inline-block;padding:.5rem .875rem;font:inherit;text-decoration:none;color:var(--ink);background:#fff;border:1px solid #b6bfcc;border-radius:.375rem;cursor:pointer}
.main{width:100%;padding:.75rem;font-weight:600;color:#fff;background:var(--accent);border-color:var(--accent)}
.grave{color:#fff;background:var(--bad);border-color:var(--bad)}
:focus-visible{outline:3px solid #86b4f5;outline-offset:1px}
a{color:var(--accent)}a.button{color:var(--ink)}
[role=alert]{padding:.625rem .75rem;color:var(--bad);background:#fdecea;border-radius:.375rem}
.tag{padding:.0625rem .5rem;border-radius:1rem;font-size:.8125rem;color:var(--good);background:#e3f4ea}.tag.warn{color:#7a4a00;background:#fdf0d5}
.actions{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:0}
code{font-size:.8125rem}details{margin-top:1rem}summary{cursor:pointer}table+.actions{margin-top:1rem}
`);

/** One of the pages that customers see at Stripe. No script: each button is a form. */
export const page = (title: string, columns: "one" | "two", body: unknown) => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><div class="sham"><strong>This is not Stripe,</strong> but a simulation of it on this machine. Nothing is paid.</div>
<main class="${columns}">${body}</main></body>
</html>`;

/** An amount of money in words. @param cents In the smallest unit. */
export const money = (cents: number, currency: string): string =>
  `${cents < 0 ? "−" : ""}${(Math.abs(cents) / 100).toFixed(2)} ${currency.toUpperCase()}`;

/** @param at Seconds since the epoch. */
export const day = (at: number): string =>
  new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export const titleOf = (world: World, product: string): string => world.products.find(product)?.name ?? product;
