import type { Finding, FixedFinding } from "#shared/api/reconcile.ts";
import { formatMoney } from "#shared/money.ts";
import { type Block, button, facts, notice, text, type Words, writeLetter } from "./letter.ts";

export interface Reconciled {
  /** What stands, and is told for the first time. */
  readonly open: readonly Finding[];
  readonly fixed: readonly FixedFinding[];
  /** Where the operator sees all that stands. */
  readonly consoleUrl: string;
}

/** More than anybody reads in a mail. */
const SHOWN = 20;

/** Tells an operator what a comparison of Stripe, providers and books has found that is new. */
export function reconciledMail({ open, fixed, consoleUrl }: Reconciled): Words {
  const subject =
    open.length > 0 ? `${things(open.length)} found that should not be` : `${things(fixed.length)} put right`;
  const more = open.length - SHOWN;
  return writeLetter({
    subject,
    preview: [...open, ...fixed][0]?.title ?? subject,
    blocks: [
      text("Stripe, the providers and the books of the hub were compared."),
      ...open.slice(0, SHOWN).flatMap(partsOf),
      ...(more > 0 ? [text(`And ${more} more.`)] : []),
      ...(fixed.length === 0 ? [] : [notice(`Put right: ${fixed.slice(0, SHOWN).map(fixedWords).join(" ")}`)]),
      button("See what stands", consoleUrl),
      text("On the hub's machine wopr reconcile shows the same. Each of these is told once."),
    ],
  });
}

const things = (count: number) => (count === 1 ? "1 thing" : `${count} things`);

const fixedWords = ({ title, outcome }: FixedFinding) => `${title}: ${outcome}`;

const partsOf = ({ title, detail, hint, monthlyCents, currency }: Finding): Block[] => [
  facts(
    ["What", title],
    ...(monthlyCents === undefined || currency === undefined
      ? []
      : [["A month", formatMoney(monthlyCents, currency)] as const]),
    ["Why", detail],
    ["To do", hint],
  ),
];
