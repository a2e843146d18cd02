import { Button } from "../components/button.tsx";
import { Segments } from "../components/segments.tsx";
import {
  type ChartView,
  type Comparison,
  comparisonText,
  moved,
  type RangeName,
  ranges,
  type TimeWindow,
  zoomed,
} from "./chart-view.ts";
import "./chart-toolbar.css";

export interface ChartToolbarProps {
  readonly view: ChartView;
  /** What is shown now. */
  readonly shown: TimeWindow;
  readonly others: readonly { readonly id: string; readonly name: string }[];
  readonly onChange: (view: ChartView) => void;
}

/** Which time is shown, and beside what. Everything that a drag or a pinch does has a button here. */
export function ChartToolbar({ view, shown, others, onChange }: ChartToolbarProps) {
  const { window, range } = view;
  const isLive = window === undefined && range === "live";
  const go = (to: TimeWindow) => onChange({ ...view, window: to });
  return (
    <div class="chart-toolbar">
      <Segments
        label="Range"
        options={ranges}
        value={window === undefined ? range : undefined}
        onChange={(value: RangeName) => onChange({ ...view, window: undefined, range: value })}
      />
      <fieldset class="chart-moves" aria-label="Move in time">
        <Button size="small" icon="back" label="Earlier" onClick={() => go(moved(shown, -0.5, Date.now()))} />
        <Button size="small" icon="minus" label="Zoom out" onClick={() => go(zoomed(shown, 2, Date.now()))} />
        <Button size="small" icon="plus" label="Zoom in" onClick={() => go(zoomed(shown, 0.5, Date.now()))} />
        <Button
          size="small"
          icon="arrow"
          label="Later"
          disabled={window === undefined}
          onClick={() => go(moved(shown, 0.5, Date.now()))}
        />
      </fieldset>
      <label class="chart-compare">
        <span class="muted">Compare with</span>
        <select
          class="input"
          value={comparisonText(view.compare)}
          disabled={isLive}
          onChange={({ currentTarget: { value } }) => onChange({ ...view, compare: comparisonFrom(value) })}
        >
          <option value="">nothing</option>
          <option value="day">a day before</option>
          <option value="week">a week before</option>
          {others.map(({ id, name }) => (
            <option key={id} value={`beacon:${id}`}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span class="chart-switches">
        <button
          type="button"
          class="chip"
          aria-pressed={view.all}
          onClick={() => onChange({ ...view, all: !view.all })}
        >
          All charts
        </button>
        <button
          type="button"
          class="chip"
          aria-pressed={view.asTable}
          onClick={() => onChange({ ...view, asTable: !view.asTable })}
        >
          As table
        </button>
      </span>
      {window === undefined ? null : (
        <p class="chart-window muted" role="status">
          <span class="mono">{windowWords(window)}</span>
          <Button
            size="small"
            kind="quiet"
            icon="close"
            label="Back to now"
            onClick={() => onChange({ ...view, window: undefined })}
          />
        </p>
      )}
    </div>
  );
}

function comparisonFrom(value: string): Comparison | undefined {
  if (value === "day" || value === "week") return { to: value };
  return value === "" ? undefined : { to: "beacon", beacon: value.slice("beacon:".length) };
}

const windowWords = ({ fromMs, toMs }: TimeWindow) =>
  new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).formatRange(fromMs, toMs);
