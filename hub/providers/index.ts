// Written by scripts/registries.ts: run `npm run format` after adding a file to this folder.
import { contaboProvider } from "./contabo.ts";
import { digitaloceanProvider } from "./digitalocean.ts";
import { hetznerProvider } from "./hetzner.ts";
import { hostingerProvider } from "./hostinger.ts";
import { linodeProvider } from "./linode.ts";
import { ovhProvider } from "./ovh.ts";
import { upcloudProvider } from "./upcloud.ts";

export const providerKinds = [
  contaboProvider,
  digitaloceanProvider,
  hetznerProvider,
  hostingerProvider,
  linodeProvider,
  ovhProvider,
  upcloudProvider,
] as const;
