import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

export interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

const typesText = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;

/** A search field that `/` reaches from anywhere, and that Esc empties. */
export function SearchBox({ label, value, onInput }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typesText(event.target)) return;
      // Behind an open dialog the field cannot take the focus.
      if (input.current?.closest("dialog") === null && document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <label class="search">
      <span class="visually-hidden">{label}</span>
      <Icon name="search" size={14} />
      <input
        ref={input}
        class="input"
        type="text"
        placeholder={label}
        value={value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || value === "") return;
          event.preventDefault();
          event.stopPropagation();
          onInput("");
        }}
      />
      <kbd title="Press / to search">/</kbd>
    </label>
  );
}
