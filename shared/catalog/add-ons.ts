import type { AddOn } from "./catalog.ts";

const at = (priceCents: number, ...ids: readonly string[]): AddOn[] =>
  ids.map((id) => ({ id, modules: [id], priceCents, fromTier: "t1" }));

/** Apps that cost something on top of a bundle. All others cost nothing on a beacon that has the room. */
export const addOns: readonly AddOn[] = [
  ...at(299, "bookstack", "listmonk", "kimai", "akaunting", "audiobookshelf", "stash"),
  ...at(499, "outline", "paperless-ngx", "affine", "calcom", "docuseal", "netbird", "passbolt", "matrix-synapse"),
  ...at(499, "mattermost", "forgejo", "woodpecker", "defcon-one", "code-server", "langfuse", "n8n", "nocodb", "plane"),
  ...at(499, "ghost", "pixelfed", "funkwhale", "castopod", "mastodon", "lemmy", "espocrm", "invoiceninja", "dolibarr"),
  ...at(499, "twenty", "documenso", "chatwoot", "immich", "jellyfin", "photoprism", "plausible"),
  ...at(599, "collabora"),
  ...at(999, "jitsi", "mailcow", "reactor", "saleor", "peertube"),
  ...at(1499, "odoo"),
  { id: "ollama", modules: ["ollama"], priceCents: 1499, fromTier: "t2" },
  ...at(1999, "erpnext"),
];
