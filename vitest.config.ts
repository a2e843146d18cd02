import { defineConfig } from "vitest/config";

// Real engines take their time; silence, not duration, is what a test waits for.
const shared = { testTimeout: 120_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: "parallel", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**"] } },
      { test: { ...shared, name: "end-to-end", include: ["test/e2e/**/*.test.ts"], fileParallelism: false } },
    ],
    pool: "forks",
    maxWorkers: 3,
  },
});
