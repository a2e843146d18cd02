import type { ComponentChildren } from "preact";
import type { ProblemBody } from "#shared/problem.ts";
import { Icon } from "./icon.tsx";

/** Says what went wrong, what to do, and shows the evidence: log lines as they came, other details as values. */
export function ProblemBox({ problem, children }: { problem: ProblemBody; children?: ComponentChildren }) {
  const { lines, rest } = evidenceOf(problem.details ?? {});
  return (
    <div class="problem" role="alert">
      <Icon name="alert" size={16} />
      <div class="body">
        <p class="message">{problem.message}.</p>
        {problem.hint === undefined ? null : <p>{problem.hint}</p>}
        {lines.length === 0 ? null : (
          <section aria-label="Last lines of the log">
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
            <pre class="lines" tabIndex={0}>
              {lines.join("\n")}
            </pre>
          </section>
        )}
        {rest.length === 0 ? null : (
          <details>
            <summary>Details</summary>
            <pre class="lines">{rest.map(([key, value]) => `${key}: ${textOf(value)}`).join("\n")}</pre>
          </details>
        )}
        {children === undefined ? null : <div class="actions">{children}</div>}
        <p class="code">{problem.code}</p>
      </div>
    </div>
  );
}

/** A list of strings is what a program wrote; `log`, `lines` and their like carry it. */
function evidenceOf(details: Record<string, unknown>) {
  const lines: string[] = [];
  const rest: [string, unknown][] = [];
  for (const [key, value] of Object.entries(details)) {
    if (Array.isArray(value) && value.length > 0 && value.every((line) => typeof line === "string"))
      lines.push(...value);
    else if (typeof value === "string" && value.includes("\n")) lines.push(...value.split("\n"));
    else rest.push([key, value]);
  }
  return { lines, rest };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
