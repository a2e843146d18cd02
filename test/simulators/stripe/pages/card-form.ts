import { html } from "hono/html";
import { CARDS, REFUSALS } from "../cards.ts";

const known: readonly (readonly [string, string])[] = [
  [CARDS.good, "is taken"],
  [CARDS.authenticated, "asks its owner first"],
  [CARDS.declined, "is declined"],
  [CARDS.poor, "has not enough money"],
  [CARDS.again, "is to be tried again"],
  [CARDS.later, "is taken now and refused later"],
];

const spaced = (number: string) => number.replaceAll(/(\d{4})(?=\d)/g, "$1 ");

/** Fields of a card and the button that sends them. */
export const cardForm = (button: string, problem: string | undefined, fields: unknown = "") => html`<form method="post">
${complaint(problem)}${fields}
<label>Card number<input name="card" list="cards" inputmode="numeric" autocomplete="cc-number" placeholder="1234 1234 1234 1234" required></label>
<datalist id="cards">${known.map(([number, what]) => html`<option value="${spaced(number)}">${what}</option>`)}</datalist>
<div class="pair"><label>Expiry<input name="expiry" autocomplete="cc-exp" placeholder="MM / YY" required></label>
<label>CVC<input name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="CVC" required></label></div>
<button class="main">${button}</button>
<details><summary class="soft">Cards to try</summary><p><small>With any date to come and any three digits.</small></p>
<table>${known.map(([number, what]) => html`<tr><td><code>${spaced(number)}</code></td><td><small>${what}</small></td></tr>`)}</table></details>
</form>`;

/** @param problem As it stands in the query. */
export const complaint = (problem: string | undefined) => {
  const [, text] = Object.entries(REFUSALS).find(([code]) => code === problem) ?? [];
  return text === undefined ? "" : html`<p role="alert">${text}</p>`;
};
