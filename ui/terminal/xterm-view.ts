import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { constructStyles } from "./constructed-styles.ts";

/** A terminal on the page, and nothing behind it yet. */
export interface TerminalView {
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Settles when it is shown. */
  readonly write: (bytes: Uint8Array | string) => Promise<void>;
  readonly onInput: (listener: (bytes: Uint8Array) => void) => void;
  readonly onResize: (listener: (size: { columns: number; rows: number }) => void) => void;
  readonly clear: () => void;
  readonly focus: () => void;
  readonly close: () => void;
}

/** Draws a terminal that fills `parent`, in the colours of the page. */
export function openTerminalView(parent: HTMLElement): TerminalView {
  const style = getComputedStyle(parent);
  const terminal = new Terminal({
    cursorBlink: false,
    fontFamily: style.fontFamily,
    fontSize: 13,
    lineHeight: 1.25,
    scrollback: 5_000,
    theme: themeOf(parent),
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  const dropStyles = constructStyles();
  terminal.open(parent);
  fit.fit();
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(parent);
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => {
    terminal.options.theme = themeOf(parent);
  };
  system.addEventListener("change", recolour);
  const encoder = new TextEncoder();
  return {
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    onInput: (listener) => {
      terminal.onData((text) => listener(encoder.encode(text)));
      // Reports of the mouse in an old encoding are bytes, not text.
      terminal.onBinary((text) => listener(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    },
    onResize: (listener) => {
      terminal.onResize(({ cols, rows }) => listener({ columns: cols, rows }));
    },
    clear: () => terminal.reset(),
    focus: () => terminal.focus(),
    close: () => {
      observer.disconnect();
      system.removeEventListener("change", recolour);
      terminal.dispose();
      dropStyles();
    },
  };
}

/** Names of xterm.js's colours, and the variable of the page that each is. */
const colours = {
  background: "--terminal-background",
  foreground: "--terminal-text",
  cursor: "--terminal-cursor",
  selectionBackground: "--terminal-selection",
  black: "--terminal-black",
  red: "--terminal-red",
  green: "--terminal-green",
  yellow: "--terminal-yellow",
  blue: "--terminal-blue",
  magenta: "--terminal-magenta",
  cyan: "--terminal-cyan",
  white: "--terminal-white",
} as const;

/**
 * A variable holds `light-dark(…)` as it stands; only the colour of an element tells which of the two it is. One element
 * for each, because a colour that changes may take its time.
 */
const themeOf = (parent: HTMLElement): Record<string, string> =>
  Object.fromEntries(
    Object.entries(colours).map(([name, variable]) => {
      const probe = document.createElement("span");
      probe.style.color = `var(${variable})`;
      parent.append(probe);
      const { color } = getComputedStyle(probe);
      probe.remove();
      return [name, color];
    }),
  );
