import { z } from "zod";
import type { ModuleSummary } from "../api/beacon.ts";
import { variableNames } from "../compose/interpolate.ts";
import { readCompose } from "../compose/read.ts";
import { suggestion } from "../nearest.ts";
import { issueSentence, Problem } from "../problem.ts";
import { type Place, parseYaml } from "../yaml-place.ts";
import { Manifest, type ModuleDefinition } from "./manifest.ts";
import { DATABASE_SECRET, sampleVariables, sharedNetworks } from "./variables.ts";

export interface ModuleFiles {
  /** Path of the module's folder as it stands in messages; its last part is the module's id. */
  readonly folder: string;
  /** Contents of `module.yaml`. */
  readonly manifestText: string;
  /** Contents of `compose.yaml`. */
  readonly composeText: string;
}

/**
 * Reads a module and checks that its two files agree with each other.
 * @throws {Problem} `manifest_invalid` or `compose_invalid` with file, line, path and what was expected there.
 */
export function readModule({ folder, manifestText, composeText }: ModuleFiles): ModuleDefinition {
  const file = parseYaml({ path: `${folder}/module.yaml`, text: manifestText, code: "manifest_invalid" });
  const manifest = parseManifest(file);
  const compose = { path: `${folder}/compose.yaml`, text: composeText };
  const composeFile = parseYaml({ ...compose, code: "compose_invalid" });
  checkId(manifest, file, folder);
  checkParameters(manifest, file);
  checkSecrets(manifest, file);
  checkVariables(manifest, file, composeFile);
  const { project } = readCompose(compose, sampleVariables(manifest));
  for (const [index, { service, hostsParameter }] of manifest.routes.entries()) {
    checkKnown(file.find(["routes", index, "service"]), "service", service, Object.keys(project.services));
    if (hostsParameter === undefined) continue;
    const place = file.find(["routes", index, "hostsParameter"]);
    checkKnown(place, "parameter", hostsParameter, Object.keys(manifest.parameters.properties));
  }
  if (manifest.provides !== undefined) {
    const { service } = manifest.provides.forwardAuth;
    const place = file.find(["provides", "forwardAuth", "service"]);
    checkKnown(place, "service", service, Object.keys(project.services));
    if (manifest.signOn === "forward-auth")
      throw file.find(["signOn"]).wrong("cannot be what the module itself provides");
  }
  for (const [index, volume] of (manifest.backup?.volumes ?? []).entries()) {
    checkKnown(file.find(["backup", "volumes", index]), "volume", volume, Object.keys(project.volumes ?? {}));
  }
  if (manifest.backup?.database && !manifest.needs.includes("postgres")) {
    throw file.find(["backup", "database"]).wrong("is of no use to a module that does not need postgres");
  }
  const joined = new Set(Object.values(project.services).flatMap(({ networks = {} }) => Object.keys(networks)));
  if (manifest.needs.length > 0 && !joined.has(sharedNetworks.data)) {
    throw file.find(["needs"]).wrong(`no service in compose.yaml is on the network ${sharedNetworks.data}`);
  }
  for (const [name, { external }] of Object.entries(project.networks ?? {})) {
    if (external) checkKnown(composeFile.find(["networks", name]), "shared network", name, Object.keys(sharedNetworks));
  }
  return { manifest, compose };
}

/** What people see of a module before it is installed. */
export const moduleSummary = ({ manifest }: ModuleDefinition): ModuleSummary => ({
  id: manifest.id,
  version: manifest.version,
  title: manifest.title,
  category: manifest.category,
  summary: manifest.summary,
  description: manifest.description,
  replaces: manifest.replaces,
  addonCentsPerMonth: manifest.addonCentsPerMonth,
  memoryMb: manifest.resources.memoryMb,
  parameters: manifest.parameters,
  core: manifest.category === "core",
});

function parseManifest(file: Place): Manifest {
  const parsed = Manifest.safeParse(file.toJS());
  if (parsed.success) return parsed.data;
  const [first, ...others] = parsed.error.issues.flatMap((issue) => problemsOf(issue, file));
  if (first === undefined) throw file.wrong("is not a manifest");
  if (others.length === 0) throw first;
  throw new Problem("manifest_invalid", first.message, {
    hint: `And then: ${others.map(({ message }) => message).join("; ")}.`,
    details: { issues: [first, ...others].map(({ message, details }) => ({ message, ...details })) },
  });
}

/** One for each thing that is wrong, at the line where it is. */
function problemsOf(issue: z.core.$ZodIssue, file: Place): Problem[] {
  const place = file.find(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = issue.path.length === 0 ? Object.keys(Manifest.shape) : [];
    return issue.keys.map((key) => place.find([key]).wrong(`${key} is not known here${suggestion(key, known)}`));
  }
  if (issue.code === "invalid_key") return issue.issues.map((cause) => place.wrong(issueSentence(cause)));
  const sentence = issueSentence(issue);
  const [, what] = /^expected (.+?)(?:, received .+)?$/.exec(sentence) ?? [];
  return [what === undefined ? place.wrong(sentence) : place.expected(what)];
}

function checkId({ id }: Manifest, file: Place, folder: string) {
  const name = folder.split("/").findLast((part) => part !== "");
  if (id !== name) throw file.find(["id"]).expected(`${name}, the name of the folder`);
}

function checkParameters({ parameters: { properties, required = [] } }: Manifest, file: Place) {
  for (const [name, parameter] of Object.entries(properties)) {
    const place = file.find(["parameters", "properties", name]);
    const schema = place.attempt(() => z.fromJSONSchema(parameter));
    if (parameter.default === undefined) continue;
    const parsed = schema.safeParse(parameter.default);
    if (!parsed.success) {
      throw place
        .find(["default"])
        .wrong(`does not fit its own parameter: ${parsed.error.issues.map(issueSentence).join("; ")}`);
    }
  }
  for (const [index, name] of required.entries()) {
    checkKnown(file.find(["parameters", "required", index]), "parameter", name, Object.keys(properties));
  }
}

function checkSecrets({ secrets, needs, parameters }: Manifest, file: Place) {
  for (const name of Object.keys(secrets)) {
    const place = file.find(["secrets", name]);
    if (Object.hasOwn(parameters.properties, name)) throw place.wrong("is the name of a parameter as well");
    if (needs.includes("postgres") && name === DATABASE_SECRET)
      throw place.wrong("is made by WOPR; use WOPR_DB_PASSWORD");
  }
}

function checkVariables(manifest: Manifest, file: Place, composeFile: Place) {
  const known = Object.keys(sampleVariables(manifest));
  const used = new Set<string>();
  for (const place of composeFile.scalars()) {
    for (const name of place.attempt(() => variableNames(String(place.scalar("a value"))))) {
      if (!known.includes(name)) {
        throw place.wrong(`${name} is no parameter, secret or variable of this module${suggestion(name, known)}`);
      }
      used.add(name);
    }
  }
  for (const name of Object.keys(manifest.parameters.properties)) {
    if (!used.has(name)) throw file.find(["parameters", "properties", name]).wrong("nothing in compose.yaml uses it");
  }
}

function checkKnown(place: Place, what: string, name: string, names: readonly string[]) {
  if (names.includes(name)) return;
  throw place.wrong(`there is no ${what} ${name}${suggestion(name, names)}`);
}
