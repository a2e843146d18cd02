import { formatAgo, formatMoment } from "../format.ts";
import { useNow } from "../use-now.ts";

/** How long ago something was, kept up to date; the moment itself on hover. */
export function Ago({ at }: { at: number }) {
  const now = useNow(Date.now() - at < 60_000 ? 1_000 : 30_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatMoment(at)}>
      {formatAgo(at, now)}
    </time>
  );
}
