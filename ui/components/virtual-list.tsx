import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface VirtualListProps<Item> {
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** One link or button, which takes the focus. */
  readonly render: (item: Item) => ComponentChildren;
  readonly label: string;
  /** Until one was measured. */
  readonly rowPx: number;
}

/** Rows above and below the window that are there, too. */
const AROUND = 6;

interface Span {
  readonly first: number;
  readonly last: number;
}

/** Pure: the rows that have to be there for what is seen of a list, from `first` up to, not including, `last`. */
export function rowsWithin(topPx: number, windowPx: number, rowPx: number, count: number): Span {
  const first = Math.max(0, Math.floor(-topPx / rowPx) - AROUND);
  const last = Math.min(count, Math.ceil((windowPx - topPx) / rowPx) + AROUND);
  return { first: Math.min(first, Math.max(0, count - 1)), last: Math.max(last, Math.min(count, 1)) };
}

interface Focused {
  readonly key: string;
  readonly index: number;
}

function focusedRow(list: HTMLElement | null): Focused | undefined {
  const row = list?.contains(document.activeElement)
    ? document.activeElement?.closest<HTMLElement>("li[data-row]")
    : undefined;
  return row == null ? undefined : { key: row.dataset.key ?? "", index: Number(row.dataset.row) };
}

/**
 * A list of any length on a page that scrolls: only the rows that can be seen are there, and the one that has the focus. All rows are of
 * one height. Arrow keys, Home and End move between them.
 */
export function VirtualList<Item>({ items, keyOf, render, label, rowPx }: VirtualListProps<Item>) {
  const list = useRef<HTMLUListElement>(null);
  const [height, setHeight] = useState(rowPx);
  const [{ first, last }, setSpan] = useState<Span>({ first: 0, last: Math.min(items.length, 30) });
  const wanted = useRef<number | undefined>(undefined);
  const count = items.length;
  // As it is before this render reaches the page: a row that is taken off it, or put elsewhere, loses the focus.
  const focused = focusedRow(list.current);
  const held = focused === undefined ? -1 : items.findIndex((item) => keyOf(item) === focused.key);

  useLayoutEffect(() => {
    let frame = 0;
    const look = () => {
      frame = 0;
      const element = list.current;
      if (element === null) return;
      const row = element.querySelector<HTMLElement>("li");
      const measured = row?.getBoundingClientRect().height ?? 0;
      if (measured > 0) setHeight(measured);
      const top = element.getBoundingClientRect().top;
      const seen = rowsWithin(top, window.innerHeight, measured > 0 ? measured : rowPx, count);
      setSpan((before) => (before.first === seen.first && before.last === seen.last ? before : seen));
    };
    const later = () => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", later);
      window.removeEventListener("resize", later);
    };
  }, [count, rowPx]);

  const focusRow = (index: number, options?: FocusOptions) =>
    list.current?.querySelector<HTMLElement>(`li[data-row="${index}"] :is(a, button)`)?.focus(options);

  // Before anything else happens: a key that comes while no row has the focus would be lost.
  useLayoutEffect(() => {
    const to = wanted.current;
    if (to !== undefined && to >= first && to < last) {
      wanted.current = undefined;
      focusRow(to);
    } else if (focused !== undefined && document.activeElement === document.body && count > 0) {
      // The row that has come into its place, where it is listed no more.
      focusRow(held >= 0 ? held : Math.min(focused.index, count - 1), { preventScroll: true });
    }
  });

  const goTo = (index: number) => {
    const element = list.current;
    if (element === null) return;
    const top = element.getBoundingClientRect().top + index * height;
    const isSeen = top >= height && top + height * 2 <= window.innerHeight;
    if (!isSeen) window.scrollBy({ top: top - window.innerHeight / 2, behavior: "instant" });
    const isThere = index >= first && index < last;
    wanted.current = isThere ? undefined : index;
    if (isThere) focusRow(index);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("li[data-row]") : null;
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return;
    // A key that is held down comes again before the row that it asked for is there.
    const at = wanted.current ?? Number(row.dataset.row);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined || to < 0 || to >= count) return;
    event.preventDefault();
    goTo(to);
  };

  const end = Math.min(last, count);
  const seen = items.slice(first, end).map((item, nth) => ({ item, index: first + nth }));
  const away = held >= 0 && (held < first || held >= end) ? items.slice(held, held + 1) : [];
  const apart = away.map((item) => ({ item, index: held }));
  const rows = held < first ? [...apart, ...seen] : [...seen, ...apart];
  return (
    <ul
      ref={list}
      aria-label={label}
      onKeyDown={onKeyDown}
      style={{
        position: "relative",
        paddingTop: `${Math.min(first, count) * height}px`,
        paddingBottom: `${Math.max(0, count - last) * height}px`,
      }}
    >
      {rows.map(({ item, index }) => (
        <li
          key={keyOf(item)}
          data-row={index}
          data-key={keyOf(item)}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={
            apart.length > 0 && index === held
              ? { position: "absolute", insetInline: 0, top: `${index * height}px` }
              : {}
          }
        >
          {render(item)}
        </li>
      ))}
    </ul>
  );
}
