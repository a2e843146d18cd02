/** A place where a process can die: right before or right after its nth call of `part.method`. */
export interface Death {
  readonly call: string;
  readonly nth: number;
  readonly when: "before" | "after";
}

/** Something that can die in the middle of what it does: from then on none of its calls ever returns. */
export interface Mortality {
  /** Calls of methods that change something, in their order: `part.method`. */
  readonly calls: readonly string[];
  /** Resolves when it has died. */
  readonly died: Promise<void>;
  kill(): void;
  /** The part as the mortal one uses it. */
  mortal<Part extends object>(name: string, part: Part): Part;
}

const effects =
  /\.(insert|change|wake|update|remove|create|power|issue|expect|ensure|send|put|markSent|ensureOwner|invitation|write|choose|passOver|askAllAgain|resize|cancel|end|handOver|revoke)$/;

export function mortality(death?: Death): Mortality {
  const calls: string[] = [];
  const { promise: died, resolve } = Promise.withResolvers<void>();
  const never = new Promise<never>(() => undefined);
  let dead = false;
  const die = () => {
    dead = true;
    resolve();
    return never;
  };

  const call = async (name: string, act: () => unknown) => {
    if (dead) return never;
    const counts = effects.test(name);
    if (counts) calls.push(name);
    const here = counts && name === death?.call && calls.filter((one) => one === name).length === death.nth;
    if (here && death.when === "before") return die();
    const result = await act();
    if (here) return die();
    return dead ? never : result;
  };

  return {
    calls,
    died,
    kill: () => void die(),
    mortal: (name, part) =>
      new Proxy(part, {
        get: (target, key) => {
          const member: unknown = Reflect.get(target, key);
          if (typeof member !== "function" || typeof key !== "string") return member;
          return (...given: unknown[]) => call(`${name}.${key}`, () => Reflect.apply(member, target, given));
        },
      }),
  };
}
