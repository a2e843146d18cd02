import { parseDocument } from "yaml";

/**
 * What cloud-init makes of user data on the first start: it has to say that it is cloud-config in its first line, and to be YAML that
 * is a mapping (https://docs.cloud-init.io/en/latest/explanation/format.html#cloud-config-data). Anything else is passed over without a
 * word on a real machine, and found out here.
 */
export function firstBoot(userData: string): string {
  if (!userData.startsWith("#cloud-config\n")) return "the user data does not say that it is cloud-config";
  const document = parseDocument(userData);
  if (document.errors.length > 0) return `the user data is no YAML: ${document.errors[0]?.message}`;
  const config: unknown = document.toJS();
  if (typeof config !== "object" || config === null || Array.isArray(config)) return "the user data is no mapping";
  return "fine";
}
