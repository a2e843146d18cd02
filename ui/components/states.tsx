import type { ComponentChildren } from "preact";

/** Lines in the shape of what is to come. Read out as "Loading". */
export const Skeleton = ({ lines = 3 }: { lines?: number }) => (
  <div class="skeletons" role="status" aria-label="Loading">
    {Array.from({ length: lines }, (_, line) => (
      <span key={line} class="skeleton" data-line={line % 3} />
    ))}
  </div>
);

export interface EmptyProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
  readonly glyph?: string;
}

/** Nothing here yet, why, and how to change that. */
export const Empty = ({ title, children, action, glyph }: EmptyProps) => (
  <div class="empty">
    {glyph === undefined ? null : (
      <pre class="glyph" aria-hidden="true">
        {glyph}
      </pre>
    )}
    <h2>{title}</h2>
    <p>{children}</p>
    {action}
  </div>
);
