import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Where one demo keeps its things, and where it listens. */
export interface Place {
  /** Folder of the hub's and the beacons' data and of the logs. */
  readonly folder: string;
  readonly hubPort: number;
  readonly mailboxPort: number;
  readonly smtpPort: number;
  /** Of the simulated Stripe. */
  readonly stripePort: number;
  /** Account of the operator, made for this run alone. */
  readonly operator: { readonly email: string; readonly password: string; readonly name: string };
}

/** Ports that the demo likes, so that a link can be kept; a taken one is replaced by a free one. */
const preferred = { hub: 7300, mailbox: 7301, stripe: 7302, smtp: 7325 } as const;

/** Makes a fresh folder under `.wopr/` of the checkout and finds ports. */
export async function choosePlace(root: string, kind: "demo" | "check"): Promise<Place> {
  const parent = join(root, ".wopr");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `${kind}-`));
  const wanted = kind === "demo" ? preferred : { hub: 0, mailbox: 0, stripe: 0, smtp: 0 };
  return {
    folder,
    hubPort: await freePort(wanted.hub),
    mailboxPort: await freePort(wanted.mailbox),
    smtpPort: await freePort(wanted.smtp),
    stripePort: await freePort(wanted.stripe),
    operator: {
      email: "operator@wopr.localhost",
      password: randomBytes(9).toString("base64url"),
      name: "Demo operator",
    },
  };
}

/** `wanted` if nobody listens there, else any free loopback port. */
async function freePort(wanted: number): Promise<number> {
  return (await tryListen(wanted)) ?? (await tryListen(0)) ?? freePort(0);
}

const tryListen = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
    });
  });
