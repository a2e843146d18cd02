// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { hetznerProvider } from "./hetzner.ts";

export const providerKinds = [hetznerProvider] as const;
