/** A POSIX path without `.`, `..` and doubled slashes. `..` above the root is dropped. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!path.startsWith("/")) kept.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + kept.join("/") || ".";
}

/** `path` as seen from the folder `from`. */
export const joinPath = (from: string, path: string): string =>
  cleanPath(path.startsWith("/") ? path : `${from}/${path}`);

/** Folder of a file. */
export const folderOf = (path: string): string => {
  const end = path.lastIndexOf("/");
  return end === -1 ? "." : end === 0 ? "/" : path.slice(0, end);
};
