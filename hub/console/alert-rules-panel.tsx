import { useState } from "preact/hooks";
import type { AlertRule } from "#shared/alerts/rule.ts";
import { toneOf } from "#ui/beacon/alert-list.tsx";
import { Button } from "#ui/components/button.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { Status } from "#ui/components/status.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import { useFleet } from "./fleet-store.ts";
import { RuleDialog } from "./rule-dialog.tsx";
import "#ui/beacon/alert-list.css";
import "./alert-rules-panel.css";

const MINUTE_MS = 60_000;

/** What counts as wrong. Thresholds and times are changed in the list, all else in a dialog; nothing counts until it is saved. */
export function AlertRulesPanel() {
  const { api } = useFleet();
  const toasts = useToasts();
  const { data, problem, reload } = useLoaded(api.alertRules, "alert-rules");
  const [draft, setDraft] = useState<readonly AlertRule[]>();
  const [edited, setEdited] = useState<AlertRule | "new">();
  const rules = draft ?? data?.rules;
  const save = useTask(async (changed: readonly AlertRule[]) => {
    await api.putAlertRules([...changed]);
    setDraft(undefined);
    reload();
    toasts.show("good", "The rules are changed. Beacons learn of it at once, or when they are back.");
  });
  if (data === undefined || rules === undefined) {
    return problem === undefined ? <Skeleton lines={8} /> : <ProblemBox problem={problem} />;
  }
  const change = (rule: AlertRule) => setDraft(rules.map((known) => (known.id === rule.id ? rule : known)));
  const isDefault = JSON.stringify(rules) === JSON.stringify(data.defaults);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save.run(rules);
      }}
    >
      <ul class="alerts rows card">
        {rules.map((rule) => (
          <RuleRow key={rule.id} rule={rule} onChange={change} onEdit={() => setEdited(rule)} />
        ))}
      </ul>
      {save.problem === undefined ? null : <ProblemBox problem={save.problem} />}
      <div class="after-list">
        <Button kind="primary" type="submit" busy={save.busy} disabled={draft === undefined}>
          Save rules
        </Button>
        <Button icon="plus" onClick={() => setEdited("new")}>
          Add a rule
        </Button>
        <Button disabled={isDefault} onClick={() => setDraft(data.defaults)}>
          Back to how they came
        </Button>
      </div>
      {edited === undefined ? null : (
        <RuleDialog
          rule={edited === "new" ? undefined : edited}
          others={rules.filter((rule) => rule !== edited)}
          onPut={(put) => {
            if (edited === "new") setDraft([...rules, put]);
            else change(put);
            setEdited(undefined);
          }}
          onRemove={() => {
            setDraft(rules.filter((rule) => rule !== edited));
            setEdited(undefined);
          }}
          onClose={() => setEdited(undefined)}
        />
      )}
    </form>
  );
}

interface RuleRowProps {
  readonly rule: AlertRule;
  readonly onChange: (rule: AlertRule) => void;
  readonly onEdit: () => void;
}

function RuleRow({ rule, onChange, onEdit }: RuleRowProps) {
  const isAbove = "above" in rule.when;
  const threshold = "above" in rule.when ? rule.when.above : rule.when.below;
  return (
    <li class="rule-row">
      <Status tone={toneOf(rule)}>{rule.severity === "critical" ? "Critical" : "Warning"}</Status>
      <span class="alert-what">
        <span>{rule.title.replaceAll("{value}", "…").replaceAll("{subject}", "…")}</span>
        <span class="muted mono">{rule.id}</span>
      </span>
      <label class="rule-number">
        <span class="muted">{isAbove ? "above" : "below"}</span>
        <input
          class="input"
          type="number"
          step="any"
          required
          aria-label={`Threshold of ${rule.id}`}
          value={threshold}
          onChange={(event) => {
            const value = event.currentTarget.valueAsNumber;
            if (!Number.isNaN(value)) onChange({ ...rule, when: isAbove ? { above: value } : { below: value } });
          }}
        />
      </label>
      <label class="rule-number">
        <span class="muted">for</span>
        <input
          class="input"
          type="number"
          min={0}
          step="any"
          required
          aria-label={`Minutes of ${rule.id}`}
          value={rule.forMs / MINUTE_MS}
          onChange={(event) => {
            const value = event.currentTarget.valueAsNumber;
            if (!Number.isNaN(value)) onChange({ ...rule, forMs: Math.round(value * MINUTE_MS) });
          }}
        />
        <span class="muted">min</span>
      </label>
      <Button size="small" kind="quiet" icon="pen" label={`Change ${rule.id}`} onClick={onEdit} />
    </li>
  );
}
