export type FormValue = string | FormValue[] | FormObject;
export interface FormObject {
  [name: string]: FormValue;
}

/**
 * Reads a form as Stripe's API takes them: `items[0][price]=price_1` is a price in the first of a list of items. What is numbered from
 * 0 without a gap is a list, and `name[]` is one too. https://docs.stripe.com/api?lang=curl
 * @throws {Error} for a name that is no name, or that is a value and a group at once
 */
export function parseForm(text: string): FormObject {
  const form: FormObject = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) put(form, pathOf(name), value);
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [name, withLists(value)]));
}

function pathOf(name: string): [string, ...string[]] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (match?.[1] === undefined) throw new Error(`${name} is no name of a form's field`);
  return [match[1], ...[...(match[2] ?? "").matchAll(/\[([^[\]]*)\]/g)].map(([, part = ""]) => part)];
}

function put(group: FormObject, [first, ...rest]: readonly string[], value: string): void {
  const name = first === "" || first === undefined ? String(Object.keys(group).length) : first;
  if (rest.length === 0) {
    if (name in group) throw new Error(`${name} is given twice`);
    group[name] = value;
    return;
  }
  const inner = group[name] ?? Object.create(null);
  if (typeof inner === "string" || Array.isArray(inner)) throw new Error(`${name} is a value and a group at once`);
  group[name] = inner;
  put(inner, rest, value);
}

function withLists(value: FormValue): FormValue {
  if (typeof value === "string" || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, withLists(inner)] as const);
  const isList = entries.length > 0 && entries.every(([name], index) => name === String(index));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
