import type { HandbookFacts } from "#hub/documents/handbook-facts.ts";

/** An app of a handbook, with so many first steps. */
export const app = (title: string, steps: number) => ({
  title,
  summary: `What ${title} is good for, in one sentence.`,
  url: `https://${title.toLowerCase()}.ada.localhost:7443`,
  firstSteps: Array.from({ length: steps }, (_, index) => `${title}, step ${index + 1}: ${"do it well ".repeat(8)}`),
  signOn: "none" as const,
});

/** Those of a beacon with three apps. */
export const facts: HandbookFacts = {
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
