import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consolePaths } from "#hub/http/pages.ts";
import { ShopSettings } from "#hub/shop/stock.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { createBuyer } from "./buyer.ts";
import { startShopHub } from "./site-hub.ts";

let hub: TestHub;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wopr-texts-"));
  const terms = join(folder, "terms.txt");
  writeFileSync(terms, "Be kind & fair.\n\n- No <b>spam</b>\n- No harm\n\n## Law\n\nThat of the sea.\n");
  hub = await startShopHub({ shop: { name: "Lighthouse", pages: { terms }, off: ["musician"] } });
  const { consoleDirectory = "" } = hub.config;
  mkdirSync(join(consoleDirectory, "assets"), { recursive: true });
  writeFileSync(join(consoleDirectory, "index.html"), "<title>The console</title>");
  writeFileSync(join(consoleDirectory, "start.js"), "// start");
  await hub.restart();
});
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

const stranger = () => createBuyer(hub.url);

describe("the first page", () => {
  it("is the site's for strangers, and the console's for whoever is signed in", async () => {
    const { text, headers } = await stranger().get("/");
    expect(text).toContain("Ready in minutes");
    expect(text).toContain("Lighthouse");
    expect(headers.get("vary")).toContain("cookie");
    expect((await (await hub.operator()).get("/")).body).toContain("The console");
    expect((await (await hub.owner("ada@example.org")).get("/")).body).toContain("The console");
    expect((await createBuyer(hub.url).get("/")).text).not.toContain("The console");
  });

  it("is the site's for a cookie that is none of ours", async () => {
    const answer = await fetch(hub.url, { headers: { cookie: "wopr-cart=1; better-auth.session_token=forged" } });
    expect(await answer.text()).toContain("Ready in minutes");
  });

  it("weighs less than 60 kB with everything it needs", async () => {
    const { text } = await stranger().get("/");
    const paths = [...text.matchAll(/<(?:link rel="(?:stylesheet|icon)"|script)[^>]* (?:href|src)="([^"]+)"/g)];
    expect(paths.length).toBeGreaterThan(1);
    const sizes = await Promise.all(paths.map(async ([, path = ""]) => (await stranger().get(path)).text.length));
    expect(text.length + sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
    expect(text).not.toContain("<script");
  });
});

describe("pages", () => {
  it.each(["/pricing", "/bundles/starter", "/bundles/tiny", "/terms", "/sign-up?bundle=tiny"])(
    "at %s have a title, a description and a language",
    async (path) => {
      const { status, text } = await stranger().get(path);
      expect(status).toBe(200);
      expect(text).toMatch(/<html lang="en">/);
      expect(text).toMatch(/<title>[^<]+ · Lighthouse<\/title>/);
      expect(text).toMatch(/<meta name="description" content="[^"]{5,}">/);
      expect(text.match(/<h1/g)).toHaveLength(1);
    },
  );

  it("can be passed on, those that are for everybody", async () => {
    const { text } = await stranger().get("/bundles/starter");
    expect(text).toContain(`<link rel="canonical" href="${hub.url}/bundles/starter">`);
    expect(text).toContain(`<meta property="og:image" content="${hub.url}/site/card.png">`);
    expect(text).toContain('<meta property="og:title" content="Starter">');
    expect((await stranger().get("/sign-up?bundle=tiny")).text).toContain('content="noindex"');
    const card = await fetch(`${hub.url}/site/card.png`);
    expect(new DataView(await card.arrayBuffer()).getUint32(16)).toBe(1200);
  });

  it("tell what is still to come, and let nobody buy it", async () => {
    const { text } = await stranger().get("/bundles/starter");
    expect(text).toContain("It can be bought as soon as all of them are there.");
    expect(text).not.toContain("/sign-up?bundle=starter");
    expect((await stranger().get("/bundles/tiny")).text).toContain("/sign-up?bundle=tiny&amp;tier=t2");
    expect((await stranger().get("/bundles/enterprise")).text).toContain(
      "mailto:shop@example.org?subject=Enterprise%20T3",
    );
  });

  it("show the operator's own words as text", async () => {
    const { text } = await stranger().get("/terms");
    expect(text).toContain("<h1>Terms</h1><p>Be kind &amp; fair.</p><ul><li>No &lt;b&gt;spam&lt;/b&gt;</li>");
    expect(text).toContain("<h2>Law</h2>");
    expect((await stranger().get("/")).text).toContain('<a href="/terms">Terms</a>');
    expect((await stranger().get("/imprint")).status).toBe(404);
  });

  it("do without what the operator has switched off", async () => {
    expect((await stranger().get("/bundles/musician")).status).toBe(404);
    expect((await stranger().get("/pricing")).text).not.toContain("Musician");
  });

  it("that are not there say so, to strangers", async () => {
    for (const path of ["/nothing", "/bundles/nosuch", "/bundles/../../etc/passwd", "/order/x/y"]) {
      const { status, text, headers } = await stranger().get(path);
      expect([path, status, headers.get("content-type")]).toEqual([path, 404, "text/html; charset=UTF-8"]);
      expect(text).toContain("There is nothing here");
    }
    expect((await (await hub.operator()).get("/nothing")).body).toContain("The console");
  });
});

describe("the console behind the site", () => {
  it.each([
    "/sign-in",
    "/sign-in?email=ada",
    "/beacons/bcn_12345678",
    "/jobs",
    "/alerts/rules",
    "/settings",
    "/start.js",
  ])("keeps %s", async (path) => {
    const { status, text } = await stranger().get(path);
    expect(status).toBe(200);
    expect(text).toMatch(/The console|start/);
  });

  it("keeps all its pages", () => {
    const source = readFileSync("hub/console/other-pages.tsx", "utf8");
    const first = [...source.matchAll(/\["(\/[a-z-]*)/g)].map(([, path = ""]) => path).filter((path) => path !== "/");
    expect(first.length).toBeGreaterThan(5);
    expect(first.filter((path) => !consolePaths.some((known) => known === path))).toEqual([]);
  });

  it("is all there is of a hub without a shop", async () => {
    const plain = await startTestHub();
    try {
      await plain.operator();
      const buyer = createBuyer(plain.url);
      expect((await buyer.get("/")).text).toContain("The hub is running");
      expect((await buyer.get("/robots.txt")).text).not.toContain("Sitemap");
      expect((await plain.client().get("/api/names/ada")).status).toBe(404);
    } finally {
      await plain.stop();
    }
  });

  it("sets a hub up before there is anything for strangers", async () => {
    const fresh = await startTestHub({ shop: ShopSettings.parse({}) });
    try {
      expect((await createBuyer(fresh.url).get("/")).text).toContain("The hub is running");
    } finally {
      await fresh.stop();
    }
  });
});

describe("for machines", () => {
  it("lists what is for everybody, and keeps the rest from search engines", async () => {
    const robots = await stranger().get("/robots.txt");
    expect(robots.text).toContain(`Sitemap: ${hub.url}/sitemap.xml`);
    expect(robots.text).toContain("Disallow: /order");
    const { text } = await stranger().get("/sitemap.xml");
    const paths = [...text.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url = ""]) => url.slice(hub.url.length));
    expect(paths).toContain("/bundles/tiny");
    for (const path of paths) expect([path, (await stranger().get(path)).status]).toEqual([path, 200]);
  });

  it("keeps files for long whose names change with them", async () => {
    const { text } = await stranger().get("/");
    const style = /href="(\/site\/style-[0-9a-f]{10}\.css)"/.exec(text)?.[1] ?? "";
    const { headers, text: css } = await stranger().get(style);
    expect(headers.get("cache-control")).toContain("immutable");
    expect(css).not.toContain("@import");
  });

  it("has a policy that runs no script of others", async () => {
    const policy = (await stranger().get("/")).headers.get("content-security-policy");
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain("unsafe-inline");
  });

  it("tells whether a name is free, and why not", async () => {
    await hub.addBeacon("taken");
    const answers = await Promise.all(
      ["free", "Free", "taken", "www", "xn--a", "a.b", "%D0%B0da"].map(
        async (name) => (await hub.client().get(`/api/names/${name}`)).body,
      ),
    );
    expect(answers).toEqual([
      { name: "free", available: true },
      { name: "free", available: true },
      { name: "taken", available: false, why: "the name taken is taken" },
      { name: "www", available: false, why: "the name www is reserved" },
      { available: false, why: expect.stringContaining("third and fourth") },
      { available: false, why: expect.stringContaining("without dots") },
      { available: false, why: expect.stringContaining("“а”") },
    ]);
    const many = await Promise.all(Array.from({ length: 60 }, () => hub.client().get("/api/names/free")));
    expect(many.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  });

  it("tells the operator what is sold, and what the rest lacks", async () => {
    const { body } = await (await hub.operator()).get("/api/bundles");
    expect(body).toMatchObject({
      bundles: expect.arrayContaining([
        { id: "tiny", name: "Tiny", state: "sold", missing: [] },
        { id: "musician", name: "Musician Bundle", state: "off", missing: expect.arrayContaining(["funkwhale"]) },
        { id: "meeting-room", name: "Meeting Room", state: "coming", missing: ["jitsi", "mumble", "hedgedoc", "ntfy"] },
      ]),
    });
    expect((await hub.client().get("/api/bundles")).status).toBe(401);
  });
});

it("does not start with a shop that is wrong, and names what is", async () => {
  const shop = ShopSettings.parse({ off: ["nosuch"], pages: {} });
  await expect(startTestHub({ shop })).rejects.toThrow("shop.off names nosuch, which is no bundle");
  const pages = { imprint: join(folder, "nosuch.txt") };
  await expect(startTestHub({ shop: ShopSettings.parse({ pages }) })).rejects.toThrow("the page imprint of the shop");
});
