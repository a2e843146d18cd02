/** What a reader sees of a mail's HTML, white space aside. */
export const visibleText = (html: string): string =>
  html
    .replace(/<div style="display:none[^>]*>.*?<\/div>/s, "")
    .replaceAll(/<[^>]+>/g, (tag) => (/^<a /.test(tag) && !tag.includes("inline-block") ? "" : ` ${hrefOf(tag)} `))
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll(/\s+/g, " ");

/** A button leads somewhere without saying where. */
const hrefOf = (tag: string) => /href="([^"]*)"/.exec(tag)?.[1] ?? "";
