import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The wall clock of a process, which a test sets while the process runs; timers, which follow the monotonic one, are left alone. */
export interface FakeClock {
  /** What the process has to be started with. */
  readonly environment: NodeJS.ProcessEnv;
  /** Sets it to be off by so much. */
  readonly set: (offsetMs: number) => void;
}

/** @throws where faketime is not installed */
function library(): string {
  for (const folder of readdirSync("/usr/lib")) {
    const file = join("/usr/lib", folder, "faketime/libfaketimeMT.so.1");
    if (existsSync(file)) return file;
  }
  throw new Error("faketime is not installed");
}

/** @param file Says by how much the clock is off: https://github.com/wolfcw/libfaketime#4e-advanced-usage-specifying-absolute-and-relative-dates */
export function fakeClock(file: string): FakeClock {
  const set = (offsetMs: number) => {
    writeFileSync(`${file}.new`, `${offsetMs < 0 ? "" : "+"}${offsetMs / 1000}\n`);
    // Never half of it, whenever the process looks.
    renameSync(`${file}.new`, file);
  };
  set(0);
  const environment = {
    LD_PRELOAD: library(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
  };
  return { environment, set };
}
