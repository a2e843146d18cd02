import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useRouter } from "../router.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";
import { ToastList } from "./toast-list.tsx";

export interface NavigationItem {
  readonly title: string;
  readonly href: string;
  readonly icon: IconName;
  /** Beginnings of other paths that belong to it. */
  readonly also?: readonly string[];
}

export interface FrameProps {
  /** What stands beside the name in the bar, for example the beacon's domain. */
  readonly of?: string | undefined;
  readonly items: readonly NavigationItem[];
  readonly end?: ComponentChildren;
  readonly notice?: ComponentChildren;
  readonly children: ComponentChildren;
}

const isCurrent = (item: NavigationItem, path: string) =>
  item.href === "/"
    ? path === "/" || (item.also ?? []).some((start) => path.startsWith(start))
    : [item.href, ...(item.also ?? [])].some((start) => path.startsWith(start));

/** The bar at the top (at the bottom on a phone) and the page below it. */
export function Frame({ of, items, end, notice, children }: FrameProps) {
  const path = useRouter().path.value;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="topbar">
        <div class="topbar-inner">
          <a class="brand" href="/" aria-label="WOPR, to the first page">
            WOPR
          </a>
          {of === undefined ? null : <span class="brand-of truncate">{of}</span>}
          {items.length === 0 ? null : (
            <nav class="nav" aria-label="Pages">
              {items.map((item) => (
                <a key={item.href} href={item.href} aria-current={isCurrent(item, path) ? "page" : undefined}>
                  <Icon name={item.icon} size={17} />
                  {item.title}
                </a>
              ))}
            </nav>
          )}
          <div class="topbar-end">
            {end}
            <ThemeToggle />
          </div>
        </div>
      </header>
      {notice}
      <main id="main" class="page" tabIndex={-1}>
        {children}
      </main>
      <ToastList />
    </>
  );
}

/** Title of the tab in the browser. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · WOPR`;
  }, [title]);
}
