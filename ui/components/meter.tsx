export interface MeterProps {
  readonly label: string;
  /** 0 to 100; absent when nothing is known. */
  readonly percent: number | undefined;
}

const toneOf = (percent: number) => (percent >= 90 ? "bad" : percent >= 75 ? "warn" : "good");

/** A share of something, as a bar and a figure. */
export const Meter = ({ label, percent }: MeterProps) => (
  <div class="meter" data-label={label}>
    <meter class="visually-hidden" aria-label={label} min={0} max={100} value={percent ?? 0}>
      {percent === undefined ? "unknown" : `${Math.round(percent)} %`}
    </meter>
    <span class="meter-track" aria-hidden="true">
      {percent === undefined ? null : (
        <span class="meter-fill" data-tone={toneOf(percent)} style={{ width: `${Math.min(100, percent)}%` }} />
      )}
    </span>
    <span class="mono muted" aria-hidden="true">
      {percent === undefined ? "–" : `${Math.round(percent)}%`}
    </span>
  </div>
);
