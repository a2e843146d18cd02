import type { Problem } from "#shared/problem.ts";
import type { Page } from "../frame.ts";
import { html } from "../html.ts";

const plain = (title: string, text: string): Page => ({
  title,
  description: title,
  path: undefined,
  body: html`<div class="narrow band first"><h1>${title}</h1><p class="lead">${text}</p><p class="actions"><a class="button" data-kind="primary" href="/">To the first page</a><a class="button" href="/pricing">Bundles and prices</a></p></div>`,
});

export const notFoundPage = (): Page =>
  plain("There is nothing here", "The address leads nowhere: it may be mistyped, or what was there is gone.");

/** What went wrong, and what to do. */
export const problemPage = ({ message, hint, status }: Problem): Page =>
  status >= 500
    ? plain(
        "This did not work",
        "Something went wrong on our side. Nothing you have done is lost; try again in a moment.",
      )
    : plain("This did not work", `${message.charAt(0).toUpperCase()}${message.slice(1)}. ${hint ?? ""}`);
