import type { Bundle } from "./catalog.ts";

const creator = [
  ...["ghost", "pixelfed", "saleor", "listmonk", "umami", "gotosocial", "writefreely", "castopod", "calcom"],
] as const;

const developer = [
  ...["forgejo", "woodpecker", "gitea-runner", "code-server", "reactor", "registry", "portainer", "n8n", "nocodb"],
  ...["uptime-kuma", "healthchecks", "vaultwarden"],
] as const;

/** The seven sovereign suites. */
export const suites: readonly Bundle[] = [
  {
    id: "starter",
    kind: "suite",
    name: "Starter",
    tagline: "Drive, calendar, notes, tasks, passwords: what you need to leave Big Tech",
    about:
      "Files, calendar, contacts and tasks in one place, notes that only you can read, and your passwords on every device. The server behind it is yours.",
    appCount: 6,
    modules: ["nextcloud", "standardnotes", "vaultwarden", "hedgedoc", "freshrss", "ntfy"],
    smallestServer: "t1",
    prices: { t1: 2999, t2: 4599, t3: 6599 },
  },
  {
    id: "creator",
    kind: "suite",
    name: "Creator",
    tagline: "Blog, portfolio, online shop, newsletter: live from your work",
    about:
      "Publish, sell and write to your readers from one server. Members, orders and subscribers belong to you; no platform stands in between or takes a share.",
    appCount: 9,
    modules: [...creator],
    smallestServer: "t2",
    prices: { t1: 5599, t2: 7999, t3: 11_999 },
  },
  {
    id: "developer",
    kind: "suite",
    name: "Developer",
    tagline: "Git hosting, CI/CD, an editor in the browser, and an AI that codes with you",
    about:
      "From the first commit to the image in your own registry: repositories, reviews, pipelines, an editor that opens anywhere, and the Reactor coding assistant.",
    appCount: 12,
    modules: [...developer],
    smallestServer: "t2",
    prices: { t1: 5599, t2: 7999, t3: 11_999 },
  },
  {
    id: "professional",
    kind: "suite",
    name: "Professional",
    tagline: "Creator and Developer together, behind the DEFCON ONE gateway",
    about:
      "Everything in Creator and everything in Developer on one larger server, and a gateway that lets dangerous actions happen only after a second person has agreed.",
    appCount: 22,
    modules: [...creator, ...developer, "defcon-one"],
    smallestServer: "t3",
    prices: { t1: 9999, t2: 14_999, t3: 19_999 },
  },
  {
    id: "family",
    kind: "suite",
    name: "Family",
    tagline: "Six accounts, shared photos, shared passwords, one family calendar",
    about:
      "Photos leave every phone by themselves and land with you, the calendar is one for all, and films, music and books wait at home. Six accounts at least.",
    appCount: 8,
    modules: ["nextcloud", "immich", "vaultwarden", "jellyfin", "audiobookshelf", "navidrome", "kavita", "adguard"],
    smallestServer: "t2",
    users: 6,
    prices: { t1: 5599, t2: 7999, t3: 11_999 },
  },
  {
    id: "small-business",
    kind: "suite",
    name: "Small Business",
    tagline: "CRM, team chat, office, DEFCON ONE and Reactor AI",
    about:
      "What a company runs on: customers, chat and calls, documents edited together, invoices, hours, contracts, support. One bill, and no price per seat.",
    appCount: 21,
    modules: [
      ...["espocrm", "mattermost", "nextcloud", "collabora", "defcon-one", "reactor", "vaultwarden", "invoiceninja"],
      ...["kimai", "docuseal", "calcom", "chatwoot", "listmonk", "ghost", "umami", "bookstack", "paperless-ngx", "n8n"],
      ...["uptime-kuma", "jitsi", "stirling-pdf"],
    ],
    smallestServer: "t3",
    prices: { t1: 12_999, t2: 17_999, t3: 24_999 },
  },
  {
    id: "enterprise",
    kind: "suite",
    name: "Enterprise",
    tagline: "Unlimited users, integrations made for you, dedicated support, the AI suite",
    about:
      "The widest set of apps, for as many people as you like: automation and a coding assistant, chat with models and a record of what they do, and people who answer you by name.",
    appCount: 44,
    modules: [
      ...["nextcloud", "collabora", "bookstack", "paperless-ngx", "hedgedoc", "stirling-pdf", "docuseal", "calcom"],
      ...["freshrss", "writefreely", "vaultwarden", "passbolt", "netbird", "crowdsec", "wg-easy", "adguard"],
      ...["jitsi", "mattermost", "mumble", "listmonk", "ntfy", "forgejo", "woodpecker", "gitea-runner", "reactor"],
      ...["defcon-one", "code-server", "registry", "portainer", "langfuse", "openwebui", "n8n", "nocodb", "akaunting"],
      ...["espocrm", "kimai", "invoiceninja", "dolibarr", "umami", "uptime-kuma", "grafana", "netdata"],
      ...["healthchecks", "gatus"],
    ],
    smallestServer: "t3",
    users: "unlimited",
    prices: { t1: 24_999, t2: 34_999, t3: "contact" },
  },
];
