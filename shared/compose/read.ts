import type { ComposeTemplate } from "../modules/manifest.ts";
import type { ComposeProject } from "./project.ts";

export declare function readCompose(
  template: ComposeTemplate,
  variables: Readonly<Record<string, string>>,
): ComposeProject;
