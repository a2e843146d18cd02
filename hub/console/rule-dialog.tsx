import { useState } from "preact/hooks";
import { type AlertRule, AlertRule as Schema } from "#shared/alerts/rule.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import { Button } from "#ui/components/button.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { Field } from "#ui/components/field.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { draftOf, type RuleDraft, ruleOf } from "./rule-draft.ts";

export interface RuleDialogProps {
  /** The one to be changed; a new one when absent. */
  readonly rule: AlertRule | undefined;
  readonly others: readonly AlertRule[];
  readonly onPut: (rule: AlertRule) => void;
  readonly onRemove: () => void;
  readonly onClose: () => void;
}

/** A rule of any kind. What is entered counts once all rules are saved. */
export function RuleDialog({ rule, others, onPut, onRemove, onClose }: RuleDialogProps) {
  const [draft, setDraft] = useState<RuleDraft>(() => draftOf(rule));
  const [problem, setProblem] = useState<Problem>();
  const set = (changes: Partial<RuleDraft>) => setDraft({ ...draft, ...changes });
  const put = () => {
    try {
      const put = parseOr(Schema, ruleOf(draft), "the rule");
      if (others.some(({ id }) => id === put.id)) throw new Problem("conflict", `there is a rule ${put.id} already`);
      onPut(put);
    } catch (thrown) {
      setProblem(Problem.wrap(thrown));
    }
  };
  const text = (
    name: "id" | "title" | "series" | "of" | "threshold" | "until" | "minutes",
    label: string,
    note?: string,
  ) => (
    <Field label={label} note={note}>
      {(input) => (
        <input
          {...input}
          class="input"
          value={draft[name]}
          disabled={name === "id" && rule !== undefined}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => set({ [name]: currentTarget.value })}
        />
      )}
    </Field>
  );
  const choice = (
    label: string,
    {
      name,
      options,
    }: { name: "severity" | "kind" | "side" | "seenBy"; options: readonly (readonly [string, string])[] },
  ) => (
    <Field label={label}>
      {(input) => (
        <select
          {...input}
          class="input"
          value={draft[name]}
          onChange={({ currentTarget }) => set({ [name]: currentTarget.value })}
        >
          {options.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <Dialog
      title={rule === undefined ? "Add a rule" : `Change ${rule.id}`}
      onClose={onClose}
      foot={
        <>
          {rule === undefined ? null : (
            <span class="start">
              <Button kind="danger" icon="trash" onClick={onRemove}>
                Remove
              </Button>
            </span>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={put}>
            {rule === undefined ? "Add" : "Change"}
          </Button>
        </>
      }
    >
      <div class="form">
        {text("id", "Name", "a-z, 0-9 and hyphens, like disk-full")}
        {text("title", "What is said", "{subject} becomes the thing, {value} the value")}
        {choice("How bad it is", {
          name: "severity",
          options: [
            ["warning", "Warning"],
            ["critical", "Critical"],
          ],
        })}
        {choice("What is watched", {
          name: "kind",
          options: [
            ["series", "The value of a series"],
            ["share", "What one series is of another, in percent"],
          ],
        })}
        {text("series", "Series", "* stands for one thing of several: disk/*/used_bytes")}
        {draft.kind === "share" ? text("of", "Of", "The series that is the whole") : null}
        {choice("Wrong when it is", {
          name: "side",
          options: [
            ["above", "above"],
            ["below", "below"],
          ],
        })}
        {text("threshold", "Threshold")}
        {text("until", "Over at", "A value on the good side of the threshold keeps it from flapping. May be empty.")}
        {text("minutes", "For minutes", "How long it must hold without a break")}
        {choice("Who sees it", {
          name: "seenBy",
          options: [
            ["beacon", "Each beacon, by itself"],
            ["hub", "The hub"],
          ],
        })}
        <fieldset class="rule-causes">
          <legend>Silent while one of these fires</legend>
          <div class="chips">
            {others.map(({ id }) => (
              <button
                key={id}
                type="button"
                class="chip mono"
                aria-pressed={draft.unless.includes(id)}
                onClick={() =>
                  set({
                    unless: draft.unless.includes(id)
                      ? draft.unless.filter((one) => one !== id)
                      : [...draft.unless, id],
                  })
                }
              >
                {id}
              </button>
            ))}
          </div>
        </fieldset>
        {problem === undefined ? null : <ProblemBox problem={problem} />}
      </div>
    </Dialog>
  );
}
