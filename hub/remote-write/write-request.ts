import protobuf from "protobufjs/minimal.js";

export interface WrittenSeries {
  /** Among them `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, oldest first. */
  readonly samples: readonly { readonly at: number; readonly value: number }[];
}

/** Numbers of fields with the wire type in the lowest three bits: 1 for 64 bits, 2 for what has a length, 0 for a varint. */
const tag = (field: number, type: 0 | 1 | 2) => (field << 3) | type;

/**
 * A `prometheus.WriteRequest`, not compressed yet. Labels are sorted by name, as the specification asks for:
 * https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol
 */
export function encodeWriteRequest(series: Iterable<WrittenSeries>): Uint8Array {
  const request = protobuf.Writer.create();
  for (const { labels, samples } of series) {
    request.uint32(tag(1, 2)).fork();
    for (const [name, value] of Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
      request.uint32(tag(1, 2)).fork().uint32(tag(1, 2)).string(name).uint32(tag(2, 2)).string(value).ldelim();
    }
    for (const { at, value } of samples) {
      request.uint32(tag(2, 2)).fork().uint32(tag(1, 1)).double(value).uint32(tag(2, 0)).int64(at).ldelim();
    }
    request.ldelim();
  }
  return request.finish();
}
