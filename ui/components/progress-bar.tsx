/** How far something is. Without `percent` it only shows that it goes on. */
export const ProgressBar = ({ label, percent }: { label: string; percent?: number | undefined }) => (
  <div
    class="progress"
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={100}
    aria-valuenow={percent === undefined ? undefined : Math.round(percent)}
    data-unknown={percent === undefined ? "" : undefined}
  >
    <span class="progress-fill" style={percent === undefined ? {} : { width: `${percent}%` }} />
  </div>
);
