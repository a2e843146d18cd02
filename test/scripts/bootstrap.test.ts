import { describe, expect, it } from "vitest";
import { chooseNode, decideInstall, lockHash, pathWithout } from "#scripts/bootstrap.mjs";

const hash = lockHash('{"name":"wopr"}');

describe("decideInstall", () => {
  const cases = [
    { when: "the stamp is of this lock file", stamp: hash, installedByHand: false, decision: "ready" },
    {
      when: "the stamp is of another lock file",
      stamp: lockHash("older"),
      installedByHand: false,
      decision: "install",
    },
    // npm's own record only says that some install finished after the lock file changed; a stamp knows which.
    {
      when: "the stamp is of another lock file and npm ran since",
      stamp: lockHash("older"),
      installedByHand: true,
      decision: "install",
    },
    { when: "there is no stamp and npm has run since", stamp: undefined, installedByHand: true, decision: "adopt" },
    { when: "there is nothing", stamp: undefined, installedByHand: false, decision: "install" },
  ];
  it.each(cases)("$decision when $when", ({ stamp, installedByHand, decision }) => {
    expect(decideInstall({ hash, stamp, installedByHand })).toBe(decision);
  });
});

describe("lockHash", () => {
  it("changes with the lock file and only with it", () => {
    expect(lockHash('{"name":"wopr"}')).toBe(hash);
    expect(lockHash('{"name":"wopr" }')).not.toBe(hash);
  });
});

describe("pathWithout", () => {
  it("takes out the one folder, as often as it is there", () => {
    expect(pathWithout("/a/.bin:/usr/bin:/a/.bin:/a", "/a/.bin")).toBe("/usr/bin:/a");
  });
});

describe("chooseNode", () => {
  const versions: Record<string, string> = { brought: "v24.21.0\n", system: "v20.20.2\n", newer: "v26.0.1\n" };
  const choose = (...programs: string[]) => chooseNode(programs, (program) => versions[program]);

  it("prefers the one that npm brought", () => expect(choose("brought", "newer")).toBe("brought"));
  it("takes the system's when npm brought none", () => expect(choose("absent", "newer")).toBe("newer"));
  it("finds none when all are too old", () => expect(choose("absent", "system")).toBeUndefined());
});
