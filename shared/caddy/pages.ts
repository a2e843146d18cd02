/**
 * Pages that Caddy shows itself. Styled on the elements, without braces, because Caddy fills placeholders into bodies;
 * nothing is loaded from anywhere.
 */
const page = (title: string, sentence: string) =>
  [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${title}</title>`,
    '<body style="font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto 0;padding:0 1.5rem">',
    `<h1 style="font-size:1.4rem">${title}</h1><p>${sentence}</p>`,
  ].join("");

export const unknownHostPage = page("Nothing here", "No app is served at this address.");

export const appAwayPage = page(
  "This app is starting or stopped",
  "Try again in a moment. If it stays away, look at it in the dashboard of this server.",
);

export const agentAwayPage = page(
  "The dashboard is starting or stopped",
  "The apps on this server go on working. Try again in a moment.",
);

export const tooLargePage = page("This is too large", "The app does not take uploads of this size.");

export const errorPage = page(
  "{http.error.status_code} {http.error.status_text}",
  "This request could not be answered.",
);
