import { tierIds } from "#shared/catalog/catalog.ts";
import type { Quote, Selection } from "#shared/catalog/selection.ts";
import type { Shop, SignUp } from "../../shop/shop.ts";
import { parseBeaconName, parseEmail } from "../../shop/sign-up.ts";
import type { SignUpForm, Wrongs } from "../../site/pages/sign-up.ts";

/** A form as a browser sends it: whatever is missing is empty, whatever is too much is left out. */
export function readSignUpForm(data: FormData | URLSearchParams): SignUpForm {
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === "string" ? value.slice(0, 300) : "";
  };
  const addOns = data.getAll("addOns").filter((value) => typeof value === "string");
  return {
    bundle: text("bundle"),
    tier: text("tier"),
    name: text("name"),
    email: text("email"),
    addOns: [...new Set(addOns)].slice(0, 60),
    storage: text("storage"),
  };
}

export type CheckedForm =
  | { readonly signUp: SignUp; readonly quote: Quote }
  | { readonly wrongs: Wrongs; readonly openOrder?: string | undefined };

/** Reads a form, and finds everything that is wrong with it at once. Whether the name is free is known for this moment only. */
export async function checkSignUpForm(shop: Shop, form: SignUpForm, cart: string): Promise<CheckedForm> {
  const name = parseBeaconName(form.name);
  const email = parseEmail(form.email);
  const tier = tierIds.find((id) => id === form.tier);
  const selection: Selection = {
    bundle: form.bundle,
    tier: tier ?? "t1",
    addOns: [...form.addOns],
    ...(form.storage === "" ? {} : { storage: form.storage }),
  };
  const quote = shop.quote(selection);
  const objections = "objections" in quote ? quote.objections : [];
  const open = "name" in name ? await shop.openOrder(name.name, cart) : undefined;
  const nameProblem = "name" in name && open === undefined ? await shop.nameProblem(name.name) : undefined;
  const wrongs: Wrongs = {
    ...Object.fromEntries(
      Object.entries(Object.groupBy(objections, ({ field }) => field)).map(([field, all]) => [
        field,
        all.map(({ message }) => message).join(" "),
      ]),
    ),
    ...(tier === undefined ? { tier: "Choose a size." } : {}),
    ...("wrong" in email ? { email: email.wrong } : {}),
    ...("wrong" in name ? { name: name.wrong } : {}),
    ...(nameProblem === undefined ? {} : { name: sentence(nameProblem.message, nameProblem.hint) }),
  };
  if (Object.keys(wrongs).length > 0 || "wrong" in name || "wrong" in email || "objections" in quote) return { wrongs };
  const signUp = { email: email.email, beacon: name.name, selection };
  if (open !== undefined && !shop.isSame(open, signUp)) {
    const wrong = "You have an open order for this name. Go on with that one, cancel it there, or choose another name.";
    return { wrongs: { name: wrong }, openOrder: open.id };
  }
  return { signUp, quote };
}

/** What a problem says, as sentences. */
export const sentence = (message: string, hint = ""): string =>
  `${message.charAt(0).toUpperCase()}${message.slice(1)}. ${hint}`.trim();
