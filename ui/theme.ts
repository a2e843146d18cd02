import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";

export type ThemeName = "light" | "dark";

const KEY = "wopr-theme";

/** Light or dark: the system's choice until the reader makes their own, which is kept in this browser. */
export class Theme {
  readonly shown: Signal<ThemeName>;

  constructor() {
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const chosen = window.localStorage.getItem(KEY);
    this.shown = signal(chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
    system.addEventListener("change", ({ matches }) => {
      if (window.localStorage.getItem(KEY) === null) this.shown.value = matches ? "dark" : "light";
    });
  }

  readonly toggle = () => {
    const next = this.shown.value === "dark" ? "light" : "dark";
    window.localStorage.setItem(KEY, next);
    document.documentElement.dataset.theme = next;
    this.shown.value = next;
  };
}

export const ThemeContext = createContext<Theme | undefined>(undefined);
