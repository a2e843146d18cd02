import { describe, expect, it } from "vitest";
import { planParts, type SystemPart, systemParts, type World } from "#scripts/system/parts.ts";

const everyPart: SystemPart[] = ["docker", "registry", "mmdebstrap", "restic", "chromium"];

/** A fresh Debian machine as root, unless a test says otherwise. */
const worldWith = ({ has = [], ...rest }: Partial<World> & { has?: string[] } = {}): World => ({
  find: (executable) => (has.includes(executable) ? `/usr/bin/${executable}` : undefined),
  engineAnswers: false,
  isRoot: true,
  system: "debian",
  ...rest,
});

describe("planParts", () => {
  it("installs everything on a fresh Debian as root", () => {
    const plan = planParts(everyPart, worldWith());
    expect(plan.install.map((part) => part.package)).toEqual([
      "docker.io",
      "docker-registry",
      "mmdebstrap",
      "restic",
      "chromium",
    ]);
    expect([...plan.present.keys(), ...plan.missing]).toEqual([]);
  });

  it("installs nothing that is there already, and says where it is", () => {
    const plan = planParts(["restic", "chromium"], worldWith({ has: ["restic", "google-chrome-stable"] }));
    expect(plan.install).toEqual([]);
    expect([...plan.present]).toEqual([
      ["restic", "/usr/bin/restic"],
      ["chromium", "/usr/bin/google-chrome-stable"],
    ]);
  });

  it("does not take Ubuntu's chromium package, which is a snap", () => {
    const plan = planParts(["restic", "chromium"], worldWith({ system: "ubuntu" }));
    expect(plan.install.map(({ part }) => part)).toEqual(["restic"]);
    expect(plan.missing).toEqual(["chromium"]);
  });

  it.each([
    ["as a user without root's rights", { isRoot: false }],
    ["on a system that is not Debian or Ubuntu", { system: "fedora" }],
    ["on a system without os-release", { system: "" }],
  ])("reports what is missing %s, instead of installing", (_, rest) => {
    const plan = planParts(everyPart, worldWith(rest));
    expect(plan.install).toEqual([]);
    expect(plan.missing).toEqual(everyPart);
  });

  it("is content with an engine that answers, also without a dockerd here", () => {
    const plan = planParts(["docker"], worldWith({ engineAnswers: true, isRoot: false }));
    expect([...plan.present]).toEqual([["docker", ""]]);
  });

  it("counts on a stopped dockerd only where it may start it", () => {
    expect(planParts(["docker"], worldWith({ has: ["dockerd"] })).present.get("docker")).toBe("/usr/bin/dockerd");
    expect(planParts(["docker"], worldWith({ has: ["dockerd"], isRoot: false })).missing).toEqual(["docker"]);
  });

  it("takes a Docker CLI without an engine for what it is", () => {
    expect(planParts(["docker"], worldWith({ has: ["docker"] })).install).toEqual([
      { part: "docker", package: "docker.io" },
    ]);
  });

  it("plans a part once however often it is asked for", () => {
    expect(planParts(["restic", "restic"], worldWith()).install).toHaveLength(1);
  });

  it("has a hint for every part", () => {
    for (const part of everyPart) expect(systemParts[part].hint).toMatch(/\.$/);
  });
});
