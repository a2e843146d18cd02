/** An element of a document in which either elements or text stand within each, as in the answers of AWS. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** What stands in it besides elements; empty where only elements do. */
  readonly text: string;
}

const TOKEN = /<[?!][^>]*>|<(\/?)([^\s/>]+)[^>]*?(\/?)>|[^<]+/g;

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Reads a well-formed document without CDATA and without a document type; attributes and prefixes are left out.
 * @throws {SyntaxError} where elements do not end as they began
 */
export function parseXml(document: string): XmlElement {
  const open: { name: string; children: XmlElement[]; text: string }[] = [{ name: "", children: [], text: "" }];
  for (const [token, isEnd, name, isEmpty] of document.matchAll(TOKEN)) {
    const within = open.at(-1);
    if (within === undefined) break;
    if (name === undefined) {
      if (!token.startsWith("<")) within.text += unescapeXml(token);
    } else if (isEnd) {
      if (name !== within.name) throw new SyntaxError(`</${name}> ends <${within.name}>`);
      open.pop();
      // Between elements there is but room.
      if (within.children.length > 0) within.text = "";
      open.at(-1)?.children.push(within);
    } else if (isEmpty) within.children.push({ name, children: [], text: "" });
    else open.push({ name, children: [], text: "" });
  }
  const root = open[0]?.children[0];
  if (root === undefined || open.length !== 1) throw new SyntaxError("this is no whole XML document");
  return root;
}

/** The elements at a path below one, all of them where there are several. */
export const elementsAt = (element: XmlElement, ...path: readonly string[]): XmlElement[] =>
  path
    .reduce<readonly XmlElement[]>(
      (at, name) => at.flatMap(({ children }) => children.filter((child) => child.name === name)),
      [element],
    )
    .slice();

/** The text of the first element at a path; `undefined` where there is none. */
export const textAt = (element: XmlElement, ...path: readonly string[]): string | undefined =>
  elementsAt(element, ...path)[0]?.text;

/** An element around text, or around elements that are written already. */
export const writeXml = (name: string, content: string | readonly string[]): string =>
  `<${name}>${typeof content === "string" ? escapeXml(content) : content.join("")}</${name}>`;

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const unescapeXml = (text: string) =>
  text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name ?? ""] ?? whole;
  });
