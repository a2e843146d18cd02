import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

export type RouteParams = Readonly<Record<string, string>>;

/** Pure: `/beacons/:id` matches `/beacons/bcn_1` with `{ id: "bcn_1" }`. A trailing slash makes no difference. */
export function matchRoute(pattern: string, path: string): RouteParams | undefined {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return params;
}

/** The address bar as a signal. Links stay plain `<a href>`: a click on one of ours changes the page without a load. */
export class Router {
  readonly path: Signal<string>;
  /** What stands behind the path: how the reader wants to see the page. */
  readonly query: Signal<string>;

  constructor() {
    this.path = signal(window.location.pathname);
    this.query = signal(window.location.search);
  }

  readonly navigate = (to: string, { replace = false } = {}) => {
    if (to === this.path.value + this.query.value) return;
    const before = this.path.value;
    if (replace) window.history.replaceState(null, "", to);
    else window.history.pushState(null, "", to);
    this.#read();
    if (!replace && this.path.value !== before) window.scrollTo(0, 0);
  };

  /** Shows the same page another way; the way back leads to how it was, unless it is replaced. */
  readonly show = (query: string, how: { replace?: boolean } = {}) => {
    this.navigate(this.path.value + (query === "" ? "" : `?${query}`), how);
  };

  #read() {
    this.path.value = window.location.pathname;
    this.query.value = window.location.search;
  }

  /** @returns stops listening */
  start(): () => void {
    const onPop = () => this.#read();
    const onClick = (event: MouseEvent) => {
      const to = plainClickTarget(event);
      if (to === undefined) return;
      event.preventDefault();
      this.navigate(to);
    };
    window.addEventListener("popstate", onPop);
    document.addEventListener("click", onClick);
    return () => {
      window.removeEventListener("popstate", onPop);
      document.removeEventListener("click", onClick);
    };
  }
}

/** Path of the link that was clicked, unless the browser should do with it what it always does. */
function plainClickTarget(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.hasAttribute("download")) return undefined;
  const url = new URL(link.href, window.location.href);
  const ours = url.origin === window.location.origin && !url.pathname.startsWith("/api/") && url.hash === "";
  return ours ? url.pathname + url.search : undefined;
}

export const RouterContext = createContext<Router | undefined>(undefined);

export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (router === undefined) throw new Error("a page is outside of its RouterContext");
  return router;
}
