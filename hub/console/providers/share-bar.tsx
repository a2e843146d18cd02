import { formatShare, type Share } from "./shares.ts";
import "./share-bar.css";

/** Who gets which part of the orders, as one bar and its legend. */
export const ShareBar = ({ shares }: { shares: readonly Share[] }) => (
  <div class="shares">
    <div class="share-bar" aria-hidden="true">
      {shares.map(({ name, percent }, nth) => (
        <span key={name} data-nth={nth % 8} style={{ flexGrow: percent }} />
      ))}
    </div>
    <ul class="share-legend" aria-label="Shares of the orders">
      {shares.map(({ name, title, percent }, nth) => (
        <li key={name}>
          <span class="share-dot" data-nth={nth % 8} aria-hidden="true" />
          {title} <span class="mono muted">{formatShare(percent)}</span>
        </li>
      ))}
    </ul>
  </div>
);
