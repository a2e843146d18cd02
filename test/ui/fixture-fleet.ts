import { fixtureEvent } from "./fixture-alerting.ts";
import { FixtureBeacon } from "./fixture-beacon.ts";

const MODULES = ["vaultwarden", "umami", "nextcloud", "element"];

/** Many beacons of all kinds; each time the same ones. */
export const fixtureFleet = (count: number): FixtureBeacon[] =>
  Array.from({ length: count }, (_, number) => {
    const apps = MODULES.slice(0, number % (MODULES.length + 1));
    const beacon = new FixtureBeacon({
      id: `bcn_fleet-${String(number).padStart(5, "0")}`,
      name: `beacon-${String(number).padStart(4, "0")}`,
      apps: Object.fromEntries(apps.map((module) => [module, number % 17 === 3 ? "degraded" : "running"])),
      online: number % 25 !== 7,
      provider: number % 3 === 0 ? "hetzner" : "contabo",
      stepMs: 1,
    });
    if (number % 40 === 1) {
      const severity = number % 80 === 1 ? "critical" : "warning";
      beacon.setAlerts({ firing: [fixtureEvent({ severity })], history: [] });
    }
    return beacon;
  });

/** So many of them come and go. */
export function stir(beacons: readonly FixtureBeacon[], everyNth: number, turn: number): void {
  for (const [number, beacon] of beacons.entries()) {
    if ((number + turn) % everyNth === 0) beacon.online = !beacon.online;
  }
}
