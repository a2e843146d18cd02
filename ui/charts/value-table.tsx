import type { ChartLine } from "./chart-card.tsx";
import { type ChartData, tableRows } from "./chart-data.ts";
import "./value-table.css";

const MOST_ROWS = 30;

export interface ValueTableProps {
  readonly data: ChartData;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
}

/** What a chart shows, in figures: the mean of each span, and from where to where it went. */
export function ValueTable({ data, lines, format }: ValueTableProps) {
  const rows = tableRows(
    data,
    lines.map(({ series }) => series),
    MOST_ROWS,
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <div class="value-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {lines.map(({ series, title }) => (
              <th key={series} scope="col">
                {title ?? "Mean"}
              </th>
            ))}
            {lines.length === 1 ? <th scope="col">Lowest to highest</th> : null}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ from, cells }) => (
            <tr key={from}>
              <th scope="row">
                {new Date(from * 1_000).toLocaleString(undefined, { dateStyle: "short", timeStyle: "medium" })}
              </th>
              {cells.map(({ mean }, nth) => (
                <td key={lines[nth]?.series}>{Number.isNaN(mean) ? "–" : format(mean)}</td>
              ))}
              {lines.length === 1 && cells[0] !== undefined ? (
                <td>
                  {format(cells[0].min)} to {format(cells[0].max)}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
