import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";

export interface DialogProps {
  readonly title: ComponentChildren;
  readonly children: ComponentChildren;
  readonly foot?: ComponentChildren;
  readonly size?: "small" | "normal" | "large";
  /** Changes when the dialog shows another page, so that its title is read out and Tab starts at its top. */
  readonly view?: string;
  /** A press beside it does not close it. */
  readonly steady?: boolean;
  readonly onClose: () => void;
}

/**
 * A modal dialog. The browser's own `<dialog>` keeps the focus inside, closes it on Esc, and gives the focus back to
 * where it was.
 */
export function Dialog({ title, children, foot, size = "normal", view, steady = false, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  const firstView = useRef(true);

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The page behind neither scrolls nor moves into the place of its scroll bar.
    const { style, clientWidth } = document.documentElement;
    style.scrollbarGutter = window.innerWidth > clientWidth ? "stable" : "";
    style.overflow = "hidden";
    return () => {
      style.overflow = "";
      style.scrollbarGutter = "";
      element?.close();
    };
  }, []);

  useEffect(() => {
    if (firstView.current) firstView.current = false;
    else heading.current?.focus();
  }, [view]);

  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-size={size}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (!steady && event.target === dialog.current) onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={titleId} ref={heading} tabIndex={-1} class="truncate">
          {title}
        </h2>
        <Button kind="quiet" size="small" icon="close" label="Close" onClick={onClose} />
      </header>
      <div class="dialog-body">{children}</div>
      {foot === undefined ? null : <footer class="dialog-foot">{foot}</footer>}
    </dialog>
  );
}
