// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { digitaloceanProvider } from "./digitalocean.ts";
import { hetznerProvider } from "./hetzner.ts";

export const providerKinds = [digitaloceanProvider, hetznerProvider] as const;
