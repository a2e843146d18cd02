// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { digitaloceanProvider } from "./digitalocean.ts";
import { hetznerProvider } from "./hetzner.ts";
import { linodeProvider } from "./linode.ts";
import { ovhProvider } from "./ovh.ts";
import { upcloudProvider } from "./upcloud.ts";

export const providerKinds = [
  digitaloceanProvider,
  hetznerProvider,
  linodeProvider,
  ovhProvider,
  upcloudProvider,
] as const;
