import { type Html, html } from "./html.ts";

/** What every page of the site knows. */
export interface Site {
  /** Name of the business. */
  readonly name: string;
  readonly origin: string;
  /** Domain under which beacons live. */
  readonly zone: string;
  /** Where customers write to. */
  readonly contact: string | undefined;
  /** Pages of the operator's own. */
  readonly texts: readonly { readonly path: string; readonly title: string }[];
  /** Paths of style sheet and script. */
  readonly style: string;
  readonly script: string;
}

export interface Page {
  readonly title: string;
  readonly description: string;
  /** Absolute path; what has none is for its reader alone, and for no search engine. */
  readonly path: string | undefined;
  readonly head?: Html | undefined;
  readonly body: Html;
}

/** The whole of a page, as text. */
export const renderPage = (site: Site, { title, description, path, head, body }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>${title === site.name ? title : `${title} · ${site.name}`}</title>
<meta name="description" content="${description}">
${path === undefined ? html`<meta name="robots" content="noindex">` : shared(site, { title, description, path })}
<link rel="icon" href="/site/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${site.style}">
${head}
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header class="top">
<div class="wide">
<a class="brand" href="/">${logo}<span>${site.name}</span></a>
<nav aria-label="Pages">
<a href="/pricing"${path === "/pricing" && html` aria-current="page"`}>Pricing</a>
<a href="/sign-in">Sign in</a>
<a class="button" data-kind="primary" href="/pricing">Get a server</a>
</nav>
</div>
</header>
<main id="main">
${body}
</main>
<footer class="bottom">
<div class="wide">
<p>${site.name}. Servers that belong to the people who use them.</p>
<nav aria-label="About ${site.name}">
${site.texts.map((text) => html`<a href="${text.path}">${text.title}</a>`)}
${site.contact !== undefined && html`<a href="mailto:${site.contact}">Write to us</a>`}
</nav>
</div>
</footer>
</body>
</html>
`.text;

/** For whoever passes the page on: https://ogp.me */
const shared = (site: Site, { title, description, path }: { title: string; description: string; path: string }) =>
  html`<link rel="canonical" href="${site.origin}${path}">
<meta property="og:type" content="website">
<meta property="og:site_name" content="${site.name}">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
<meta property="og:url" content="${site.origin}${path}">
<meta property="og:image" content="${site.origin}/site/card.png">
<meta property="og:image:width" content="1200">
<meta property="og:image:height" content="630">
<meta name="twitter:card" content="summary_large_image">`;

const logo = html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="7" class="logo-ground"/><path d="M6 9l3 14 3.5-11L16 23l3-14" class="logo-stroke"/><path d="M22.5 9.5h4.5v13h-4.5z" class="logo-cursor"/></svg>`;
