export declare const tasks: readonly string[];
export declare function lockHash(lockText: string): string;
export declare function decideInstall(seen: {
  hash: string;
  stamp: string | undefined;
  installedByHand: boolean;
}): "ready" | "adopt" | "install";
export declare function pathWithout(path: string, folder: string): string;
export declare function chooseNode(
  candidates: readonly string[],
  versionOf: (program: string) => string | undefined,
): string | undefined;
