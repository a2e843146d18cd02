import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../system/run.ts";

const CGROUPS = "/sys/fs/cgroup";
/** Of version 1, in the form in which systemd mounts them: `join_controllers` in its src/core/mount-setup.c. */
const lateControllers = ["hugetlb", "perf_event", "net_cls,net_prio"];

/**
 * Mounts those controllers of version 1 that systemd in a container would be the first to mount. They would come to life for the whole
 * machine then, and the engine that runs already would measure nothing of any container that it starts later.
 */
export async function shareControllers(): Promise<void> {
  if (existsSync(join(CGROUPS, "cgroup.controllers"))) return;
  const known = readFileSync("/proc/cgroups", "utf8")
    .split("\n")
    .flatMap((line) => line.split("\t")[0] ?? []);
  const mounted = new Set(
    readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1]),
  );
  for (const controllers of lateControllers) {
    const target = join(CGROUPS, controllers);
    if (mounted.has(target) || !controllers.split(",").every((name) => known.includes(name))) continue;
    await mkdir(target, { recursive: true });
    await run("mount", ["-t", "cgroup", "-o", controllers, "cgroup", target]);
  }
}
