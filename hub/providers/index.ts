// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { digitaloceanProvider } from "./digitalocean.ts";
import { hetznerProvider } from "./hetzner.ts";
import { linodeProvider } from "./linode.ts";

export const providerKinds = [digitaloceanProvider, hetznerProvider, linodeProvider] as const;
