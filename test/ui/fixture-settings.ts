import { type Context, Hono } from "hono";
import { z } from "zod";
import { RemoteWriteInput, RemoteWriteView } from "#shared/api/remote-write.ts";
import { NewScrapeToken, ScrapeTokenView } from "#shared/api/scrape-token.ts";
import { KeysView, Person } from "#shared/api/trust.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import { answer } from "./fixture-routes.ts";

const DAY_MS = 86_400_000;

/** The scrape token of a hub or a beacon. */
export class FixtureScrapeToken {
  createdAt: number | undefined;
  made = 0;

  routes(): Hono {
    return new Hono()
      .get("/scrape-token", (c) =>
        answer(c, ScrapeTokenView, this.createdAt === undefined ? {} : { createdAt: this.createdAt }),
      )
      .post("/scrape-token", (c) => {
        this.createdAt = Date.now();
        this.made += 1;
        return answer(c, NewScrapeToken, { token: `wopr_scrape_${this.made}`, createdAt: this.createdAt });
      })
      .delete("/scrape-token", (c) => {
        this.createdAt = undefined;
        return c.json({});
      });
  }
}

/** What the page of settings sets. */
export class FixtureSettings {
  readonly scrapeToken = new FixtureScrapeToken();
  /** What was given to write to, secrets too. */
  readonly targets: RemoteWriteInput[] = [];
  remoteWrite: RemoteWriteView = { waiting: 0, sent: 0, dropped: 0, forgotten: 0 };
  readonly keys = { keys: key("hub", 30), "token-keys": key("jwt", 1) };
  readonly ended: string[] = [];
  people: Person[] = [
    { id: "usr_1", email: "ada@example.org", name: "Ada", role: "operator", beacons: [] },
    { id: "usr_2", email: "grace@example.org", name: "Grace", role: "owner", beacons: ["mir", "voyager"] },
  ];

  routes(): Hono {
    const keyRoutes = (path: "keys" | "token-keys") =>
      new Hono()
        .get(`/${path}`, (c) => answer(c, KeysView, this.keys[path].view()))
        .post(`/${path}/rotate`, (c) => c.json({ key: this.keys[path].rotate() }));
    return new Hono()
      .route("/", this.scrapeToken.routes())
      .route("/", keyRoutes("keys"))
      .route("/", keyRoutes("token-keys"))
      .get("/remote-write", (c) => answer(c, RemoteWriteView, this.remoteWrite))
      .put("/remote-write", async (c) => {
        const input = parseOr(RemoteWriteInput, await c.req.json(), "body");
        this.targets.push(input);
        const { secret: _, ...target } = input;
        this.remoteWrite = { ...this.remoteWrite, target };
        return answer(c, RemoteWriteView, this.remoteWrite);
      })
      .delete("/remote-write", (c) => {
        this.remoteWrite = { waiting: 0, sent: 0, dropped: 0, forgotten: 0 };
        return c.json({});
      })
      .get("/people", (c) => answer(c, z.object({ people: z.array(Person) }), { people: this.people }))
      .post("/people/:email/sessions/end", (c) => {
        this.ended.push(this.#find(c).email);
        return c.body(null, 204);
      })
      .delete("/people/:email", (c) => {
        const { id } = this.#find(c);
        this.people = this.people.filter((person) => person.id !== id);
        return c.body(null, 204);
      });
  }

  #find(c: Context): Person {
    const found = this.people.find(({ email }) => email === c.req.param("email"));
    if (found === undefined) throw new Problem("not_found", "there is no such account");
    return found;
  }
}

function key(use: string, days: number) {
  let view: KeysView = { active: `${use}_1`, before: [] };
  return {
    view: () => view,
    rotate: () => {
      const before = [...view.before, { id: view.active, until: Date.now() + days * DAY_MS }];
      view = { active: `${use}_${before.length + 1}`, since: Date.now(), before };
      return view.active;
    },
  };
}
