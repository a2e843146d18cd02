import type { ListedModule } from "./catalog.ts";

type Entry = readonly [id: string, title: string, memoryMb: number, purpose: string, ...replaces: string[]];

const listed = (category: ListedModule["category"], entries: readonly Entry[]): ListedModule[] =>
  entries.map(([id, title, memoryMb, purpose, ...replaces]) => ({ id, title, category, memoryMb, purpose, replaces }));

/**
 * All modules of WOPR. What a module needs is an estimate for a household or a small team, without the databases that all
 * share; a module that has its folder says it in its own manifest, which counts.
 */
export const moduleDirectory: readonly ListedModule[] = [
  ...listed("core", [
    ["authentik", "Authentik", 1024, "One sign-on for every app", "Okta", "Auth0"],
    ["caddy", "Caddy", 128, "HTTPS in front of every app", "Nginx", "Apache"],
    ["postgresql", "PostgreSQL", 512, "The database that apps share", "AWS RDS"],
    ["redis", "Redis", 256, "The cache that apps share", "ElastiCache"],
  ]),
  ...listed("productivity", [
    ["nextcloud", "Nextcloud", 512, "Files, calendar, contacts, tasks", "Google Drive", "Dropbox"],
    ["collabora", "Collabora Online", 1024, "Office in the browser", "Google Docs", "Office 365"],
    ["outline", "Outline", 512, "A wiki for the team", "Notion", "Confluence"],
    ["paperless-ngx", "Paperless-ngx", 640, "Scanned papers, searchable", "Evernote", "Adobe Scan"],
    ["bookstack", "BookStack", 192, "Handbooks and documentation", "GitBook"],
    ["affine", "AFFiNE", 768, "Notes and whiteboards", "Notion", "Coda"],
    ["linkwarden", "Linkwarden", 512, "Bookmarks that stay readable", "Pocket", "Raindrop"],
    ["standardnotes", "Standard Notes", 384, "Notes, encrypted end to end", "Apple Notes"],
    ["calcom", "Cal.com", 768, "Appointments that book themselves", "Calendly"],
    ["hedgedoc", "HedgeDoc", 192, "Writing together in Markdown", "HackMD"],
    ["stirling-pdf", "Stirling PDF", 384, "Everything one does with PDFs", "Adobe Acrobat"],
    ["docuseal", "DocuSeal", 256, "Documents filled in and signed", "DocuSign"],
    ["freshrss", "FreshRSS", 128, "News from the sites you choose", "Feedly"],
  ]),
  ...listed("security", [
    ["vaultwarden", "Vaultwarden", 128, "Passwords on every device", "1Password", "LastPass"],
    ["netbird", "NetBird", 256, "A private network of your devices", "Tailscale"],
    ["crowdsec", "CrowdSec", 192, "Attackers kept out together", "Fail2ban"],
    ["wg-easy", "wg-easy", 64, "A VPN of your own", "NordVPN"],
    ["adguard", "AdGuard Home", 128, "No ads, no trackers", "Pi-hole"],
    ["passbolt", "Passbolt", 256, "Passwords shared in a team", "1Password Teams"],
  ]),
  ...listed("communication", [
    ["matrix-synapse", "Synapse", 512, "Chat across servers (Matrix)", "Slack", "Teams"],
    ["element", "Element", 64, "The app for Matrix chat", "Slack app"],
    ["jitsi", "Jitsi Meet", 1024, "Video calls without an account", "Zoom", "Google Meet"],
    ["mattermost", "Mattermost", 512, "Chat for the team", "Slack"],
    ["mailcow", "mailcow", 3072, "Mail for your own domain", "Gmail", "Outlook"],
    ["listmonk", "listmonk", 96, "Newsletters and mailing lists", "Mailchimp"],
    ["ntfy", "ntfy", 64, "Notifications on your phone", "Pushover"],
    ["mumble", "Mumble", 64, "Voice rooms with little delay", "Discord"],
  ]),
  ...listed("developer", [
    ["forgejo", "Forgejo", 256, "Git hosting with reviews", "GitHub", "GitLab"],
    ["woodpecker", "Woodpecker CI", 256, "Builds and tests on each push", "GitHub Actions"],
    ["ollama", "Ollama", 4096, "Language models on your server", "OpenAI API"],
    ["reactor", "Reactor", 512, "AI that writes code with you", "GitHub Copilot", "Cursor"],
    ["defcon-one", "DEFCON ONE", 128, "Dangerous actions need a second yes", "Custom approval flows"],
    ["code-server", "code-server", 512, "VS Code in the browser", "Codespaces"],
    ["portainer", "Portainer", 128, "Containers at a glance", "Docker Desktop"],
    ["registry", "Registry", 64, "Container images kept private", "Docker Hub"],
    ["langfuse", "Langfuse", 768, "What your AI apps do and cost", "LangSmith"],
    ["openwebui", "Open WebUI", 512, "Chat with any language model", "ChatGPT"],
    ["n8n", "n8n", 384, "Automation between your apps", "Zapier", "Make"],
    ["nocodb", "NocoDB", 256, "Tables that work like a database", "Airtable"],
    ["plane", "Plane", 2048, "Issues, sprints and roadmaps", "Jira", "Linear"],
    ["gitea-runner", "Actions Runner", 256, "Runs the jobs of your repositories", "GitHub Actions runners"],
  ]),
  ...listed("creator", [
    ["ghost", "Ghost", 384, "A blog with members", "Medium", "Substack"],
    ["saleor", "Saleor", 2048, "An online shop", "Shopify"],
    ["peertube", "PeerTube", 1536, "Your own video channel", "YouTube"],
    ["pixelfed", "Pixelfed", 512, "A gallery that people follow", "Instagram"],
    ["writefreely", "WriteFreely", 64, "Writing, and nothing else", "Medium"],
    ["funkwhale", "Funkwhale", 640, "Your music, published", "SoundCloud"],
    ["castopod", "Castopod", 384, "Podcasts with your own feed", "Anchor"],
    ["mastodon", "Mastodon", 1536, "A social network of your own", "Twitter/X"],
    ["gotosocial", "GoToSocial", 192, "A small home in the Fediverse", "Twitter/X"],
    ["lemmy", "Lemmy", 384, "Communities and discussions", "Reddit"],
  ]),
  ...listed("business", [
    ["espocrm", "EspoCRM", 384, "Leads, customers and deals", "Salesforce"],
    ["kimai", "Kimai", 192, "Time tracking", "Toggl", "Harvest"],
    ["invoiceninja", "Invoice Ninja", 512, "Invoices and a client portal", "FreshBooks"],
    ["erpnext", "ERPNext", 2048, "The whole company in one system", "SAP", "NetSuite"],
    ["dolibarr", "Dolibarr", 256, "Customers, projects and orders", "QuickBooks"],
    ["odoo", "Odoo", 1536, "Apps for the whole business", "Zoho One"],
    ["twenty", "Twenty", 1024, "A modern CRM", "HubSpot"],
    ["akaunting", "Akaunting", 256, "Bookkeeping with a client portal", "QuickBooks", "Xero"],
    ["documenso", "Documenso", 512, "Contracts signed online", "DocuSign"],
    ["chatwoot", "Chatwoot", 1024, "Customer support in one inbox", "Intercom", "Zendesk"],
  ]),
  ...listed("media", [
    ["immich", "Immich", 2048, "Photos from every phone", "Google Photos"],
    ["jellyfin", "Jellyfin", 768, "Films and series at home", "Plex", "Netflix"],
    ["audiobookshelf", "Audiobookshelf", 192, "Audiobooks and podcasts", "Audible"],
    ["navidrome", "Navidrome", 128, "Your music, everywhere", "Spotify"],
    ["stash", "Stash", 256, "A library for media files"],
    ["photoprism", "PhotoPrism", 2048, "Photos found by what is in them", "Google Photos AI"],
    ["kavita", "Kavita", 256, "Comics and e-books", "Kindle"],
    ["calibre-web", "Calibre-Web", 192, "A library of e-books", "Kindle", "Kobo"],
  ]),
  ...listed("analytics", [
    ["plausible", "Plausible", 1024, "Visits without cookies", "Google Analytics"],
    ["uptime-kuma", "Uptime Kuma", 128, "Knows first when a site is down", "Pingdom"],
    ["grafana", "Grafana", 192, "Charts of everything", "Datadog"],
    ["prometheus", "Prometheus", 384, "Measurements, kept", "Datadog"],
    ["netdata", "Netdata", 256, "The server, second by second", "New Relic"],
    ["umami", "Umami", 512, "Visitors counted, not followed", "Google Analytics"],
    ["healthchecks", "Healthchecks", 192, "Jobs that did not run", "Cronitor"],
    ["gatus", "Gatus", 64, "A status page for services", "StatusPage"],
  ]),
];

/** On every beacon, and in no bundle's count. */
export const coreModuleIds: readonly string[] = moduleDirectory
  .filter(({ category }) => category === "core")
  .map(({ id }) => id);
