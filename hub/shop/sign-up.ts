import { z } from "zod";
import { BeaconName } from "#shared/api/hub.ts";

/** A beacon's name as somebody typed it: either one that may be, or what is wrong with it and what to do. Pure. */
export function parseBeaconName(typed: string): { readonly name: string } | { readonly wrong: string } {
  const text = typed.trim();
  if (text === "") return { wrong: "Give your server a name." };
  // Before anything is made lower case: some letters of other scripts become Latin ones by that.
  const strange = [...text].find((letter) => letter.codePointAt(0) === undefined || !/^[\x20-\x7e]$/.test(letter));
  if (strange !== undefined) return { wrong: `Use a to z, 0 to 9 and hyphens: “${strange}” cannot be in the name.` };
  const name = text.toLowerCase();
  if (/[./\\%:@]/.test(name)) return { wrong: "One name without dots or slashes: your address is made from it." };
  if (/\s/.test(name)) return { wrong: "A name has no spaces. A hyphen does instead." };
  if (/^..--/.test(name))
    return { wrong: "No hyphens in the third and fourth place: such names stand for other letters." };
  if (/^-|-$/.test(name)) return { wrong: "Begin and end with a letter or a digit." };
  if (name.length < 3) return { wrong: "Use three letters at least." };
  if (name.length > 40) return { wrong: "Use forty letters at most." };
  return BeaconName.safeParse(name).success ? { name } : { wrong: "Use a to z, 0 to 9 and hyphens." };
}

/** An e-mail address as somebody typed it. Pure. */
export function parseEmail(typed: string): { readonly email: string } | { readonly wrong: string } {
  const email = typed.trim();
  if (email === "") return { wrong: "Where may we write to you?" };
  if (email.length <= 254 && z.email().safeParse(email).success) return { email };
  return { wrong: "This is not an e-mail address. It looks like name@example.org." };
}
