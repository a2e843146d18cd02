import { useId, useRef } from "preact/hooks";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

export interface MenuItem {
  readonly title: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onPick: () => void;
}

/** A button that opens a list of things to do. The browser closes it on Esc and on a press beside it. */
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const anchor = useRef<HTMLSpanElement>(null);
  const entries = () => [...(list.current?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [])];

  /** Below the button, its right edge at the button's; above it where the window ends. */
  const place = (element: HTMLElement) => {
    const at = anchor.current?.getBoundingClientRect();
    if (at === undefined) return;
    const { offsetWidth, offsetHeight } = element;
    const below = at.bottom + 4;
    element.style.left = `${Math.max(8, at.right - offsetWidth)}px`;
    element.style.top = `${below + offsetHeight > window.innerHeight ? Math.max(8, at.top - 4 - offsetHeight) : below}px`;
  };
  const move = (by: number) => {
    const all = entries();
    const now = all.findIndex((entry) => entry.matches(":focus"));
    all.at((now + by + all.length) % all.length)?.focus();
  };

  return (
    <>
      <span ref={anchor} class="menu-anchor">
        <Button
          kind="quiet"
          size="small"
          icon="more"
          label={label}
          opens={id}
          onClick={() => {
            list.current?.togglePopover();
          }}
        />
      </span>
      <div
        ref={list}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onToggle={({ currentTarget, newState }) => {
          if (newState !== "open") return;
          place(currentTarget);
          entries()[0]?.focus();
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          move(event.key === "ArrowDown" ? 1 : -1);
        }}
      >
        {items.map(({ title, icon, danger = false, disabled = false, onPick }) => (
          <button
            key={title}
            type="button"
            role="menuitem"
            class="menu-item"
            data-danger={danger ? "" : undefined}
            disabled={disabled}
            onClick={() => {
              list.current?.hidePopover();
              onPick();
            }}
          >
            <Icon name={icon} />
            {title}
          </button>
        ))}
      </div>
    </>
  );
}
