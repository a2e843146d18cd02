import { describe, expect, test } from "vitest";
import type { ListedContainer } from "#agent/docker/containers.ts";
import { statusOf } from "#agent/instances.ts";
import { InstanceStatus } from "#shared/inventory.ts";
import { recordOf } from "#shared/plans/changes.ts";
import { containerSpec } from "./docker/container-spec.ts";

const beacon = {
  domain: "ada.example.test",
  address: "127.0.0.1",
  httpPort: 8080,
  httpsPort: 8443,
  certificates: "internal",
  caddyDirectory: "/nonexistent",
} as const;

const resolved = {
  name: "app",
  module: "app",
  version: "1.0.0",
  title: "App",
  core: false,
  parameters: {},
  containers: [containerSpec({ service: "database" }), containerSpec({ service: "web" })],
  networks: [],
  volumes: [],
  secrets: [],
  routes: [{ host: "app.ada.example.test", path: "/", alias: "web.app", port: 80 }],
  requires: [],
  memoryBytes: 1,
  diskBytes: 1,
};

const container = (service: string, seen: Partial<ListedContainer> = {}): ListedContainer => ({
  id: service,
  instance: "app",
  service,
  replica: 1,
  generation: "hash",
  settings: "hash",
  image: "image",
  state: "running",
  health: "none",
  ports: [],
  ...seen,
});

const stateOf = (containers: ListedContainer[], desired: "running" | "stopped" = "running") =>
  statusOf(recordOf(resolved, desired), { containers, running: [], beacon }).state;

describe("statusOf", () => {
  const database = container("database");

  test.each([
    ["running", [database, container("web", { health: "healthy" })]],
    ["starting", [database, container("web", { health: "starting" })]],
    ["starting", [database, container("web", { state: "restarting" })]],
    ["degraded", [database, container("web", { health: "unhealthy" })]],
    ["degraded", [database, container("web", { state: "exited" })]],
    ["degraded", [database]],
    ["degraded", []],
  ] as const)("is %s", (state, containers) => {
    expect(stateOf([...containers])).toBe(state);
  });

  test("one that is meant to be stopped is stopped, or something is wrong", () => {
    expect(stateOf([container("database", { state: "exited" })], "stopped")).toBe("stopped");
    expect(stateOf([database], "stopped")).toBe("degraded");
  });

  test("tells replicas apart, and is well without what has done its work", () => {
    const record = recordOf({
      ...resolved,
      containers: [containerSpec({ service: "migrate" }), containerSpec({ service: "web" })],
      replicas: { web: 2 },
      completes: ["migrate"],
    });
    const running = [{ id: "b", instance: "app", service: "web", replica: 2, pid: 1, startedAt: 1234, restarts: 0 }];
    const migrated = container("migrate", { state: "exited", exitCode: 0 });
    const containers = [migrated, container("web", { replica: 2 }), container("web", { replica: 1 })];
    const status = statusOf(record, { containers, running, beacon });
    expect(InstanceStatus.parse(status)).toEqual(status);
    expect(status.services).toMatchObject([
      { name: "migrate", state: "exited", done: true },
      { name: "web", replica: 1, state: "running" },
      { name: "web", replica: 2, state: "running", startedAt: 1234 },
    ]);
    expect(status.state).toBe("running");
    expect(statusOf(record, { containers: containers.slice(0, 2), running, beacon }).state).toBe("degraded");
    const failed = container("migrate", { state: "exited", exitCode: 1 });
    expect(statusOf(record, { containers: [failed, ...containers.slice(1)], running, beacon }).state).toBe("degraded");
  });

  test("says where it is opened and since when it runs", () => {
    const running = [{ id: "web", instance: "app", service: "web", replica: 1, pid: 1, startedAt: 1234, restarts: 0 }];
    const status = statusOf(recordOf(resolved), { containers: [container("web")], running, beacon });
    expect(InstanceStatus.parse(status)).toEqual(status);
    expect(status.urls).toEqual(["https://app.ada.example.test:8443/"]);
    expect(status.services).toMatchObject([
      { name: "database", state: "missing" },
      { name: "web", state: "running", startedAt: 1234 },
    ]);
  });
});
