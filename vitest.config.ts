import { defineConfig } from "vitest/config";

// Real engines take their time; silence, not duration, is what a test waits for.
const shared = { testTimeout: 120_000, hookTimeout: 300_000, expect: { poll: { timeout: 15_000 } } };

// A browser drops its requests whenever a network of the machine comes or goes, as those of containers do: not beside them.
const pages = "test/ui/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: "parallel", include: ["test/**/*.test.ts"], exclude: [pages, "test/e2e/**"] } },
      { test: { ...shared, name: "pages", include: [pages] } },
      { test: { ...shared, name: "end-to-end", include: ["test/e2e/**/*.test.ts"], fileParallelism: false } },
    ],
    // Given as `// @module-tag docker`; left out where there is no engine, but never under CI=true.
    tags: [{ name: "docker", description: "needs a Docker Engine and the stand-in images" }],
    pool: "forks",
    maxWorkers: 3,
  },
});
