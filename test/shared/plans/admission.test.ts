import { describe, expect, it } from "vitest";
import { admitted } from "#shared/plans/admission.ts";
import { planRunning } from "#shared/plans/changes.ts";
import { Problem } from "#shared/problem.ts";
import { App, resolvedApp } from "../app.ts";
import { emptyWorld, observe } from "../world.ts";

function objectionTo(app: Record<string, unknown>): string | undefined {
  const resolved = resolvedApp(App.parse(app));
  const seen = observe(emptyWorld({}));
  try {
    admitted(resolved, seen, planRunning(resolved, seen));
    return undefined;
  } catch (error) {
    return `${Problem.wrap(error).code}: ${Problem.wrap(error).message}`;
  }
}

describe("a port of the host", () => {
  it("is for one replica alone", () => {
    expect(objectionTo({ web: { ports: [8080], replicas: 2 } })).toBe(
      "port_taken: port 0.0.0.0:8080/tcp is asked for by app/web and app/web#2",
    );
    expect(objectionTo({ web: { ports: [8080] } })).toBeUndefined();
  });

  it("is for one service alone", () => {
    expect(objectionTo({ web: { ports: [8080] }, other: { ports: [8080, 8081] } })).toBe(
      "port_taken: port 0.0.0.0:8080/tcp is asked for by app/web and app/other",
    );
  });

  it("is not asked for by a service of which nobody wants any", () => {
    expect(objectionTo({ web: { ports: [8080] }, other: { ports: [8080], replicas: 0 } })).toBeUndefined();
  });
});
