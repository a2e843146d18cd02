import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { renderHandbook } from "#hub/documents/handbook.ts";
import { type HandbookFacts, handbookOf } from "#hub/documents/handbook-facts.ts";
import { inventoryOf } from "#test/hub/provisioning/inventory.ts";

const run = promisify(execFile);

const app = (title: string, steps: number) => ({
  title,
  summary: `What ${title} is good for, in one sentence.`,
  url: `https://${title.toLowerCase()}.ada.localhost:7443`,
  firstSteps: Array.from({ length: steps }, (_, index) => `${title}, step ${index + 1}: ${"do it well ".repeat(8)}`),
  signOn: "none" as const,
});

const facts: HandbookFacts = {
  name: "ada",
  domain: "ada.localhost",
  email: "ada@example.org",
  dashboardUrl: "https://ada.localhost:7443",
  signInUrl: "http://127.0.0.1:7300/sign-in?email=ada%40example.org",
  apps: [app("Vaultwarden", 3), app("Umami", 0), app("Element", 2)],
  core: ["Caddy", "PostgreSQL", "Redis"],
  ownCertificates: true,
  createdAt: Date.UTC(2026, 0, 2),
};

/** What poppler's tools, a reader of PDFs that is not ours, make of a document. */
async function read(pdf: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "wopr-handbook-"));
  try {
    const file = join(folder, "handbook.pdf");
    await writeFile(file, pdf);
    const info = (await run("pdfinfo", [file])).stdout;
    const pages = (await run("pdftotext", ["-layout", file, "-"])).stdout.split("\f").slice(0, -1);
    const boxes = (await run("pdftotext", ["-bbox", file, "-"])).stdout;
    const structure = (await run("pdfinfo", ["-struct-text", file])).stdout;
    const outline = (await run("pdftohtml", ["-xml", "-stdout", "-i", file])).stdout;
    const bookmarks = [...outline.matchAll(/<item page="(\d+)">(.*?)<\/item>/g)].map((match) =>
      match.slice(1).join(" "),
    );
    const words = [...boxes.matchAll(/xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">/g)].map(
      (match) => match.slice(1).map(Number),
    );
    return { info, pages, text: pages.join("\n"), words, structure, bookmarks };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("says everything that an owner has to know, on numbered A4 pages", async () => {
  const { info, pages, text } = await read(await renderHandbook(facts));
  expect(info).toMatch(/Title: +Handbook of ada\.localhost/);
  expect(info).toMatch(/Page size: +595\.\d+ x 841\.\d+ pts \(A4\)/);
  const said = text.replace(/\s+/g, " ");
  for (const words of [
    ...["Handbook of your beacon", "2 January 2026", "Start here", "Your beacon at a glance", "Your apps"],
    ...["When something is wrong", "Keeping it safe", "does not make backups yet", "Leaving"],
    ...[facts.dashboardUrl, facts.signInUrl, "The browser warns about the certificate"],
    ...facts.apps.flatMap(({ title, url, summary }) => [title, url, summary]),
    ...["Vaultwarden, step 3", "This app keeps its own accounts", "Caddy, PostgreSQL, Redis"],
  ]) {
    expect(said).toContain(words);
  }
  expect(pages.length).toBe(5);
  pages.slice(1).forEach((page, index) => {
    expect(page.trimEnd()).toMatch(new RegExp(`ada\\.localhost +${index + 2} ?/ ?5$`));
  });
});

test("a certificate of a known authority needs no words", async () => {
  const { text } = await read(await renderHandbook({ ...facts, ownCertificates: false }));
  expect(text).not.toContain("certificate");
});

test("bookmarks lead to each section and each app", async () => {
  const { pages, bookmarks } = await read(await renderHandbook(facts));
  const titles = bookmarks.map((bookmark) => bookmark.replace(/^\d+ /, ""));
  expect(titles).toEqual([
    ...["Start here", "Your beacon at a glance", "Your apps", "Vaultwarden", "Umami", "Element"],
    ...["When something is wrong", "Keeping it safe", "Backups", "Leaving"],
  ]);
  for (const [index, bookmark] of bookmarks.entries()) {
    expect(pages[Number.parseInt(bookmark, 10) - 1]).toContain(titles[index]);
  }
});

test("a screen reader is told all of it, in order, and what each part is", async () => {
  const { info, text, structure } = await read(await renderHandbook(facts));
  expect(info).toMatch(/Tagged: +yes/);
  const kinds = [...structure.matchAll(/^\s+([A-Z]\w*)(?: \(\w+\))?$/gm)].map(([, kind]) => kind);
  for (const [kind, count] of [
    ["H1", 1],
    ["H2", 7],
    ["Table", 1],
    // Three apps, the sign-in page, the dashboard.
    ["Link", 5],
  ] as const) {
    expect([kind, kinds.filter((one) => one === kind).length]).toEqual([kind, count]);
  }
  const told = [...structure.matchAll(/^\s+"(.*)"$/gm)].map(([, words]) => words).join(" ");
  const said = (words: string) => words.replaceAll(/\s+/g, "");
  for (const line of text.split("\n").filter((one) => /[a-z]{4}/.test(one) && !/\d+ ?\/ ?\d+$/.test(one.trim()))) {
    // Numbers of sections are there to be looked at.
    expect(said(told)).toContain(said(line.replace(/^\s*\d\s+(?=\S)/, "").split(/\s{4,}/)[0] ?? ""));
  }
});

const long = "a-name-that-is-as-long-as-one-can-be-here";
const full: HandbookFacts = {
  ...facts,
  name: long,
  domain: `${long}.beacons.of-an-operator-with-a-long-name.example.org`,
  email: `${"x".repeat(60)}@${"y".repeat(50)}.example.org`,
  apps: Array.from({ length: 60 }, (_, index) => app(`App${index}`, index % 6)),
};

test.each([
  ["the usual one", facts],
  ["one with long names and sixty apps", full],
  ["one without apps", { ...facts, apps: [], core: [], ownCertificates: false }],
])("nothing runs off a page of %s", async (_name, some) => {
  const { words, pages } = await read(await renderHandbook(some));
  expect(words.length).toBeGreaterThan(100);
  const outside = words.filter(
    ([left = 0, top = 0, right = 0, bottom = 0]) => left < 60 || right > 536 || top < 50 || bottom > 822,
  );
  expect(outside).toEqual([]);
  // No page was started for nothing.
  for (const page of pages.slice(1)) expect(page.trim().split("\n").length).toBeGreaterThan(2);
});

test("equal facts give equal bytes", async () => {
  const [a, b] = await Promise.all([renderHandbook(facts), renderHandbook(facts)]);
  expect(Buffer.from(a).equals(Buffer.from(b))).toBe(true);
});

test("its facts are what was ordered, as the beacon reports it", () => {
  const umami = { id: "umami", title: "Umami", category: "analytics", summary: "Visitors", signOn: "none" } as const;
  const modules = new Map([["umami", { ...umami, firstSteps: ["Sign in."] }]]);
  const made = handbookOf({
    beacon: { name: "ada", domain: "ada.localhost", email: "ada+x@example.org" },
    inventory: inventoryOf(["umami", "caddy"], modules),
    modules,
    ordered: ["umami", "gone"],
    publicUrl: "https://hub.example.org",
    createdAt: 7,
  });
  expect(made.apps).toEqual([
    {
      title: "Umami",
      summary: "Visitors",
      url: "https://umami.ada.localhost:7443",
      firstSteps: ["Sign in."],
      signOn: "none",
    },
    { title: "gone", summary: "", url: undefined, firstSteps: [], signOn: "none" },
  ]);
  expect(made.signInUrl).toBe("https://hub.example.org/sign-in?email=ada%2Bx%40example.org");
});
