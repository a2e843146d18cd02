import type { HostFiles } from "./host-files.ts";
import type { Meter } from "./meter.ts";

/** Touched by systemd-timesyncd each time the clock was set right: https://manpages.debian.org/bookworm/systemd-timesyncd/systemd-timesyncd.8.en.html#FILES */
const SYNCHRONIZED = "/run/systemd/timesync/synchronized";

/** Made by packages whose update takes effect at the next boot: https://www.debian.org/doc/debian-policy/ch-opersys.html#signaling-that-a-reboot-is-required */
const REBOOT_REQUIRED = "/run/reboot-required";

/** What the system says of itself: since when its clock was not set right (nothing where another program does that), and whether it waits for a reboot. */
export const createUpkeepMeter =
  (files: HostFiles, now: () => number): Meter =>
  () => {
    const syncedAt = files.modifiedAt(SYNCHRONIZED);
    return {
      reboot_required_count: files.exists(REBOOT_REQUIRED) ? 1 : 0,
      ...(syncedAt === undefined
        ? {}
        : { time_since_sync_seconds: Math.max(0, Math.round((now() - syncedAt) / 1000)) }),
    };
  };
