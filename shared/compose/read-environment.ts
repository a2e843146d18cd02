import type { Place } from "../yaml-place.ts";
import { type Context, type Reader, readNamedFile } from "./context.ts";
import { parseEnvFile } from "./dotenv.ts";
import { fromVariables, readBoolean, readFields, readOneOf, readPairs, readText, readTextOrTexts } from "./values.ts";

export const environment: Reader = (place, { variables }) => readPairs(place, fromVariables(variables));

export const labels: Reader = (place) => readPairs(place, () => "");

/** `env_file` of a service: what all its files say together, the later ones over the earlier. */
export const envFiles = (place: Place, context: Context): Record<string, string | null> =>
  withVariables(
    readTextOrTexts(place).map((item) => readEnvFile(item, context)),
    context,
  );

/** `label_file` of a service. */
export function labelFiles(place: Place, context: Context): Record<string, string> {
  const read = Object.assign({}, ...readTextOrTexts(place).map((item) => readEnvFile(item, context)));
  return Object.fromEntries(Object.entries(read).map(([key, value]) => [key, typeof value === "string" ? value : ""]));
}

function readEnvFile(item: Place, context: Context): Record<string, string | null> {
  const { path, required, format } =
    item.kind === "mapping" ? readFields(item, "a mapping", ["path", "required", "format"]) : { path: item };
  if (path === undefined) throw item.expected("a path");
  const file = readNamedFile(path, readText(path, "a path"), context);
  if (file.text === undefined) {
    if (required !== undefined && !readBoolean(required)) return {};
    throw path.wrong(`there is no file ${file.path}`, "Write `required: false` beside its path if it may be missing.");
  }
  return parseEnvFile({
    path: file.path,
    text: file.text,
    variables: context.variables,
    format: format === undefined ? undefined : readOneOf(format, ["raw"]),
  });
}

const withVariables = (files: readonly Record<string, string | null>[], { variables }: Context) =>
  Object.fromEntries(
    files
      .flatMap((file) => Object.entries(file))
      .map(([key, value]): [string, string | null] => [key, value ?? fromVariables(variables)(key)]),
  );
