import { Header } from "tar";

const BLOCK_BYTES = 512;

/**
 * A tar archive of some small files that root alone may read.
 * @param files Full path → content
 */
export function archiveOf(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, text]) => {
    const content = Buffer.from(text);
    const header = new Header({
      path: path.slice(1),
      type: "File",
      mode: 0o600,
      uid: 0,
      gid: 0,
      size: content.length,
      mtime: new Date(0),
    });
    const head = Buffer.alloc(BLOCK_BYTES);
    header.encode(head, 0);
    return [head, content, Buffer.alloc(-content.length & (BLOCK_BYTES - 1))];
  });
  // Two empty blocks are its end.
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}
