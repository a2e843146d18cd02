import type { ProblemCode } from "#shared/problem.ts";
import { Button } from "#ui/components/button.tsx";

/** Problems that are put right on another page of the console. */
const places: Partial<Record<ProblemCode, { readonly href: string; readonly title: string }>> = {
  provider_credentials: { href: "/providers", title: "Put in other credentials" },
  provider_out_of_stock: { href: "/providers", title: "Look at the providers" },
  provider_quota: { href: "/providers", title: "Look at the providers" },
};

/** Where the operator goes next about a problem, where that is somewhere in the console. */
export function NextStep({ code }: { code: ProblemCode }) {
  const place = places[code];
  return place === undefined ? null : (
    <Button size="small" icon="arrow" href={place.href}>
      {place.title}
    </Button>
  );
}
