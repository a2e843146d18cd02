import { Problem } from "#shared/problem.ts";

export interface ArchiveFile {
  /** Absolute path in the container. */
  readonly target: string;
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
  /** Of its owner; root when absent. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

const BLOCK_BYTES = 512;

/**
 * A tar archive in the ustar format, with no times in it: equal files give equal bytes.
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 * @throws {Problem} `compose_invalid` when a path is too long for the format (255 bytes, and 100 in its last part)
 */
export const tarOf = (files: readonly ArchiveFile[]): Buffer =>
  Buffer.concat([
    ...files.flatMap((file) => {
      const content = Buffer.from(file.content);
      return [header(file, content.length), content, Buffer.alloc(-content.length & (BLOCK_BYTES - 1))];
    }),
    Buffer.alloc(2 * BLOCK_BYTES),
  ]);

function header({ target, mode, uid = 0, gid = 0 }: ArchiveFile, sizeBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const { prefix, name } = splitPath(target.replace(/^\/+/, ""));
  block.write(name, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(uid, 7), 108);
  block.write(octal(gid, 7), 116);
  block.write(octal(sizeBytes, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(" ".repeat(8), 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257, "latin1");
  block.write(prefix, 345);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${octal(checksum, 6)}\0 `, 148, "latin1");
  return block;
}

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");

function splitPath(path: string): { prefix: string; name: string } {
  const fits = (text: string, bytes: number) => Buffer.byteLength(text) <= bytes;
  if (fits(path, 100)) return { prefix: "", name: path };
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (fits(prefix, 155) && fits(name, 100)) return { prefix, name };
  }
  throw new Problem("compose_invalid", `the path /${path} of a file is too long to be laid into a container`);
}
