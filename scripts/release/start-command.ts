/**
 * What Node is told when it runs an agent, which lives beside its owner's apps and waits most of its life: a small young generation, and
 * neither machine code nor statistics for it of what runs a few times a minute. An agent is released with the Node that it was measured
 * with, since all but the first are V8's own (`node --v8-options`) and may be gone in another.
 * https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-semi-space-sizesize-in-mib
 */
const nodeFlags = [
  "--max-semi-space-size=1",
  "--optimize-for-size",
  "--no-opt",
  "--no-sparkplug",
  "--no-maglev",
  "--invocation-count-for-feedback-allocation=1000000000",
  // What was compiled for an install or a visit is let go of after two collections, not six.
  "--bytecode-old-age=2",
];

/**
 * What the C library is told: what V8 takes in pieces of 8 to 32 KiB to compile something is given back to the system after it, and the
 * threads share one heap. It reads this when a program starts, so that nothing in the program can set it: mallopt(3).
 */
export const agentEnvironment = ["MALLOC_MMAP_THRESHOLD_=16384", "MALLOC_ARENA_MAX=1"];

/**
 * What Node is told when it runs a hub. What a report leaves behind is garbage at once, so that a young generation of half the usual size
 * does: https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-semi-space-sizesize-in-mib. The rest are flags of V8's own
 * (`node --v8-options`), measured with the Node that a hub is released with: docs/performance.md.
 */
const hubFlags = [
  "--max-semi-space-size=8",
  // What survives in it is copied by the main thread. Of several, each fills pages of its own, and they wait for the same core.
  "--no-parallel-scavenge",
  // The old generation is searched when there is four fifths as much garbage as of what lives, not several times as much: V8 keeps for
  // good what it once had. At three fifths, a hub with 10,000 agents is searched each 12 seconds, at as much each 38.
  "--heap-growing-percent=80",
];

/** What the C library is told: threads share one heap, and what was freed at its end goes back to the system. With 10,000 links 60 MB. */
const hubEnvironment = ["MALLOC_ARENA_MAX=1", "MALLOC_MMAP_THRESHOLD_=65536", "MALLOC_TRIM_THRESHOLD_=65536"];

/** Program and arguments that start an agent from its bundle; `--config <file>` is added. `env` becomes Node: it stays one process. */
export const startCommand = (node: string, main: string): string[] => [
  "/usr/bin/env",
  ...agentEnvironment,
  node,
  ...nodeFlags,
  main,
];

/** The same of a hub. */
export const startHubCommand = (node: string, main: string): string[] => [
  "/usr/bin/env",
  ...hubEnvironment,
  node,
  ...hubFlags,
  main,
];
