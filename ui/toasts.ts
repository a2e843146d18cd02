import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

export interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad" | "plain";
  readonly text: string;
}

const SHOWN_MS = 6_000;

/** Short news for somebody who looks elsewhere on the page. Bad news stay until they are closed. */
export class Toasts {
  readonly list = signal<readonly Toast[]>([]);
  #nextId = 1;

  readonly show = (tone: Toast["tone"], text: string) => {
    const id = this.#nextId++;
    this.list.value = [...this.list.value.slice(-3), { id, tone, text }];
    if (tone !== "bad") setTimeout(() => this.dismiss(id), SHOWN_MS);
  };

  readonly dismiss = (id: number) => {
    this.list.value = this.list.value.filter((toast) => toast.id !== id);
  };
}

export const ToastsContext = createContext<Toasts | undefined>(undefined);

export function useToasts(): Toasts {
  const toasts = useContext(ToastsContext);
  if (toasts === undefined) throw new Error("a component is outside of its ToastsContext");
  return toasts;
}
