import { ModuleSummary } from "#shared/api/beacon.ts";

const module = (
  id: string,
  facts: Pick<ModuleSummary, "title" | "category" | "summary" | "memoryMb"> & Partial<ModuleSummary>,
) =>
  ModuleSummary.parse({
    id,
    version: "1.0.0",
    description: `${facts.summary} It keeps its data on this server.`,
    replaces: [],
    addonCentsPerMonth: 0,
    parameters: { type: "object", properties: {}, additionalProperties: false },
    core: facts.category === "core",
    ...facts,
  });

/** A catalogue with something of each kind: core services, apps, and one form with every kind of field. */
export const fixtureModules: readonly ModuleSummary[] = [
  module("caddy", { title: "Caddy", category: "core", summary: "Serves every app over HTTPS.", memoryMb: 64 }),
  module("postgresql", { title: "PostgreSQL", category: "core", summary: "The shared database.", memoryMb: 256 }),
  module("redis", { title: "Redis", category: "core", summary: "The shared cache.", memoryMb: 64 }),
  module("vaultwarden", {
    title: "Vaultwarden",
    category: "security",
    summary: "Passwords for you and your family, in one safe place.",
    memoryMb: 256,
    replaces: ["1Password", "LastPass"],
    parameters: {
      type: "object",
      properties: {
        signups_allowed: { type: "boolean", title: "Anybody may sign up", default: false },
        admin_email: {
          type: "string",
          title: "Administrator’s e-mail",
          description: "Gets the invitations.",
          minLength: 3,
          pattern: "^[^@ ]+@[^@ ]+$",
        },
        log_level: { type: "string", title: "Log level", enum: ["error", "warn", "info"], default: "warn" },
        upload_mb: { type: "integer", title: "Largest attachment in MB", default: 100, minimum: 1, maximum: 1024 },
      },
      required: ["admin_email"],
      additionalProperties: false,
    },
  }),
  module("umami", {
    title: "Umami",
    category: "analytics",
    summary: "Who visits your site, without watching anybody.",
    memoryMb: 512,
    replaces: ["Google Analytics"],
  }),
  module("element", {
    title: "Element",
    category: "communication",
    summary: "Chat and calls that belong to you.",
    memoryMb: 128,
    replaces: ["Slack", "WhatsApp"],
  }),
  module("nextcloud", {
    title: "Nextcloud",
    category: "productivity",
    summary: "Files, calendars and contacts on every device.",
    memoryMb: 1024,
    replaces: ["Dropbox", "Google Drive"],
  }),
  module("node-red", {
    title: "Node-RED",
    category: "developer",
    summary: "Automations drawn as boxes and lines.",
    memoryMb: 256,
    replaces: ["Zapier"],
  }),
  module("jellyfin", {
    title: "Jellyfin",
    category: "media",
    summary: "Your films and music, wherever you are.",
    memoryMb: 1536,
    replaces: ["Plex"],
  }),
];
