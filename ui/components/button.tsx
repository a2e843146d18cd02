import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly kind?: "plain" | "primary" | "danger" | "quiet";
  readonly size?: "normal" | "small";
  readonly icon?: IconName;
  /** Name of a button that shows an icon alone. */
  readonly label?: string;
  readonly type?: "button" | "submit";
  /** Id of the form that it submits, where it stands outside of it. */
  readonly form?: string;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** Makes it a link. */
  readonly href?: string;
  /** With `href`: opens beside this page. */
  readonly beside?: boolean;
  /** Id of the menu that it opens. */
  readonly opens?: string;
  readonly onClick?: (() => void) | undefined;
}

/** A button, or a link that looks like one. While `busy` it keeps the focus and does nothing. */
export function Button(props: ButtonProps) {
  const { children, kind = "plain", size = "normal", icon, label, type = "button", busy = false, href } = props;
  const content = (
    <>
      {busy ? <span class="spinner" /> : icon === undefined ? null : <Icon name={icon} />}
      {children}
    </>
  );
  const look = {
    class: "button",
    "data-kind": kind,
    "data-size": size,
    "data-icon": children === undefined ? "" : undefined,
    "aria-label": label,
    title: label,
  };
  if (href !== undefined) {
    return (
      <a {...look} href={href} {...(props.beside ? { target: "_blank", rel: "noreferrer" } : {})}>
        {content}
      </a>
    );
  }
  return (
    <button
      {...look}
      type={type}
      form={props.form}
      disabled={props.disabled ?? false}
      aria-busy={busy}
      {...(props.opens === undefined ? {} : { "aria-haspopup": "menu", "aria-controls": props.opens })}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else props.onClick?.();
      }}
    >
      {content}
    </button>
  );
}
