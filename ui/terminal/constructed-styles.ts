/**
 * xterm.js writes style sheets into `<style>` elements and colours into `style` attributes, which pages that are served
 * with `style-src 'self'` do not apply. The same text in constructed sheets, and set through the object model, is no
 * inline style (https://www.w3.org/TR/CSP3/#directive-style-src, https://www.w3.org/TR/cssom-1/#dom-cssstylesheet-cssstylesheet).
 * xterm.js has no way to be given a maker of elements: until the returned function is called, the page has another one.
 * @returns takes the sheets away again
 */
export function constructStyles(): () => void {
  const create = document.createElement.bind(document);
  const sheets: CSSStyleSheet[] = [];

  const makers: Readonly<Record<string, () => HTMLElement>> = {
    style: () => {
      const sheet = new CSSStyleSheet();
      sheets.push(sheet);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      const element = create("span");
      element.hidden = true;
      Object.defineProperty(element, "textContent", { set: (css: string) => sheet.replaceSync(css) });
      return element;
    },
    span: () => {
      const element = create("span");
      const set = element.setAttribute.bind(element);
      element.setAttribute = (name, value) => {
        if (name === "style") element.style.cssText = value;
        else set(name, value);
      };
      return element;
    },
  };
  const createElement = (tag: string, options?: ElementCreationOptions) =>
    Object.hasOwn(makers, tag) ? makers[tag]?.() : create(tag, options);

  Object.defineProperty(document, "createElement", { configurable: true, value: createElement });
  return () => {
    Reflect.deleteProperty(document, "createElement");
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));
  };
}
