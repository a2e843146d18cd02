import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { mergeInto } from "#agent/docker/merge.ts";
import { demultiplex, jsonLines } from "#agent/docker/streams.ts";

const gather = async <Value>(source: AsyncIterable<Value>) => await Array.fromAsync(source);

const framed = (stream: number, text: string) => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

/** The same bytes, cut into pieces of `size`. */
const inPieces = (bytes: Buffer, size: number) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    ),
  );

describe("demultiplex", () => {
  const bytes = Buffer.concat([framed(1, "out\n"), framed(2, "err\n"), framed(1, "ünd\n")]);

  test.each([1, 3, 8, 9, 1000])("finds the pieces in chunks of %i bytes", async (size) => {
    const pieces = await gather(demultiplex(inPieces(bytes, size)));
    expect(pieces.map(({ stream, bytes }) => [stream, bytes.toString()])).toEqual([
      ["stdout", "out\n"],
      ["stderr", "err\n"],
      ["stdout", "ünd\n"],
    ]);
  });

  test("drops a last piece that is cut off", async () => {
    expect(await gather(demultiplex(Readable.from([framed(1, "whole").subarray(0, 10)])))).toEqual([]);
  });
});

test.each([1, 2, 7, 100])("jsonLines reads values in chunks of %i bytes", async (size) => {
  const text = '{"status":"a"}\r\n\n{"status":"ö"}\n{"last":1}';
  expect(await gather(jsonLines(inPieces(Buffer.from(text), size)))).toEqual([
    { status: "a" },
    { status: "ö" },
    { last: 1 },
  ]);
});

describe("mergeInto", () => {
  async function* counting(name: string, to: number) {
    for (let count = 1; count <= to; count++) yield `${name}${count}`;
  }

  test("keeps each source's own order", async () => {
    const values = await gather(mergeInto([counting("a", 3), counting("b", 2)]));
    expect(values.toSorted()).toEqual(["a1", "a2", "a3", "b1", "b2"]);
    expect(values.filter((value) => value.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
  });

  test("ends with the first error", async () => {
    async function* failing(): AsyncGenerator<string> {
      yield "one";
      throw new Error("broken");
    }
    await expect(gather(mergeInto([failing()]))).rejects.toThrow("broken");
  });
});
