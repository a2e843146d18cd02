/** Names of the series of the disk that matters: the root file system, or the first that is measured. */
export function rootDisk(series: readonly string[]): { readonly used: string; readonly total: string } {
  const mounts = series.flatMap((name) => /^disk\/(.*)\/used_bytes$/.exec(name)?.[1] ?? []);
  const mount = mounts.includes("/") ? "/" : (mounts[0] ?? "/");
  return { used: `disk/${mount}/used_bytes`, total: `disk/${mount}/total_bytes` };
}
