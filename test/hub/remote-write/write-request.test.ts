import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { momentOf, type SpanOfBeacon, seriesOfSpans } from "#hub/remote-write/series-of-spans.ts";
import { encodeWriteRequest } from "#hub/remote-write/write-request.ts";

/** As it stands in the specification: https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
`);
const read = (bytes: Uint8Array) => {
  const type = root.lookupType("WriteRequest");
  return type.toObject(type.decode(bytes), { longs: Number });
};

const START = 1_800_000_000_000;

describe("encodeWriteRequest", () => {
  it("makes what the specification's own description reads, labels sorted by name", () => {
    const labels = { beacon: "ada", app: "größer", __name__: "wopr_load1" };
    const samples = [
      { at: START, value: 0.1 },
      { at: START + 1, value: -1e300 },
    ];
    expect(
      read(
        encodeWriteRequest([
          { labels, samples },
          { labels: {}, samples: [] },
        ]),
      ),
    ).toEqual({
      timeseries: [
        {
          labels: [
            { name: "__name__", value: "wopr_load1" },
            { name: "app", value: "größer" },
            { name: "beacon", value: "ada" },
          ],
          samples: [
            { timestamp: START, value: 0.1 },
            { timestamp: START + 1, value: -1e300 },
          ],
        },
        {},
      ],
    });
    expect(read(encodeWriteRequest([]))).toEqual({});
  });
});

describe("seriesOfSpans", () => {
  const span = (at: number, mean: number, stepMs = 10_000): SpanOfBeacon => ({
    beacon: "bcn_1",
    name: "ada",
    stepMs,
    span: { at, values: { cpu_percent: [mean - 1, mean, mean + 1, 6] } },
  });

  it("joins what is of one series, oldest first", () => {
    const [series, ...others] = seriesOfSpans([span(START + 10_000, 30), span(START, 50)]);
    expect(others).toEqual([]);
    expect(series?.labels).toEqual({ __name__: "wopr_cpu_ratio", beacon: "bcn_1", beacon_name: "ada" });
    expect(series?.samples).toEqual([
      { at: START, value: 0.5 },
      { at: START + 10_000, value: 0.3 },
    ]);
  });

  it("keeps beacons apart", () => {
    expect(seriesOfSpans([span(START, 1), { ...span(START, 2), beacon: "bcn_2" }])).toHaveLength(2);
  });

  it("writes nothing of different resolutions under one moment", () => {
    const moments = [10_000, 60_000, 600_000].flatMap((stepMs) =>
      Array.from({ length: 600_000 / stepMs }, (_span, index) => momentOf(span(START + index * stepMs, 1, stepMs))),
    );
    expect(new Set(moments).size).toBe(moments.length);
    expect(Math.max(...moments)).toBeLessThan(START + 600_000);
  });
});
