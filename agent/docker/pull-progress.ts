import { z } from "zod";

/** One line of the stream of `POST /images/create` (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageCreate). */
export const PullLine = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional(),
  error: z.string().optional(),
});
export type PullLine = z.output<typeof PullLine>;

export interface PullProgress {
  /** For people: `3 of 5 layers, 12 of 40 MB`. */
  readonly detail: string;
  /** Of all bytes known so far, each counted once for the download and once for unpacking; it never falls. */
  readonly percent: number;
}

interface Layer {
  totalBytes: number;
  downloadedBytes: number;
  unpackedBytes: number;
  done: boolean;
}

/** `status` texts of https://github.com/moby/moby/blob/v20.10.24/distribution/xfer/download.go and pull_v2.go */
const finished = new Set(["Pull complete", "Already exists"]);
const downloaded = new Set(["Download complete", "Verifying Checksum"]);
const layerStatuses = new Set(["Pulling fs layer", "Waiting", "Downloading", "Extracting", ...finished, ...downloaded]);

/** Adds the lines of a pull up. Each call gives the progress when that line changed what a person would read. */
export function trackPull(): (line: PullLine) => PullProgress | undefined {
  const layers = new Map<string, Layer>();
  let percent = 0;
  let last = "";
  return (line) => {
    if (line.id === undefined || line.status === undefined || !layerStatuses.has(line.status)) return undefined;
    const layer = layers.get(line.id) ?? { totalBytes: 0, downloadedBytes: 0, unpackedBytes: 0, done: false };
    layers.set(line.id, layer);
    note(layer, line);
    percent = Math.max(percent, percentOf([...layers.values()]));
    const detail = describe([...layers.values()]);
    if (`${detail} ${percent}` === last) return undefined;
    last = `${detail} ${percent}`;
    return { detail, percent };
  };
}

function note(layer: Layer, { status = "", progressDetail: { current = 0, total = 0 } = {} }: PullLine): void {
  layer.totalBytes = Math.max(layer.totalBytes, total);
  if (status === "Downloading") layer.downloadedBytes = current;
  if (status === "Extracting" || downloaded.has(status)) layer.downloadedBytes = layer.totalBytes;
  if (status === "Extracting") layer.unpackedBytes = current;
  if (finished.has(status)) {
    layer.done = true;
    layer.downloadedBytes = layer.totalBytes;
    layer.unpackedBytes = layer.totalBytes;
  }
}

const sum = (layers: readonly Layer[], of: (layer: Layer) => number) =>
  layers.reduce((total, layer) => total + of(layer), 0);

function percentOf(layers: readonly Layer[]): number {
  if (layers.every(({ done }) => done)) return 100;
  const totalBytes = sum(layers, (layer) => layer.totalBytes);
  if (totalBytes === 0) return 0;
  const doneBytes = sum(layers, ({ downloadedBytes, unpackedBytes }) => downloadedBytes + unpackedBytes);
  return Math.min(99, Math.floor((doneBytes / (2 * totalBytes)) * 100));
}

function describe(layers: readonly Layer[]): string {
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  const done = `${layers.filter((layer) => layer.done).length} of ${layers.length} layers`;
  const totalMb = mb(sum(layers, (layer) => layer.totalBytes));
  return totalMb === 0 ? done : `${done}, ${mb(sum(layers, (layer) => layer.downloadedBytes))} of ${totalMb} MB`;
}
