import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Mailbox, startMailbox } from "#scripts/mailbox.ts";
import { until } from "../provisioning/until.ts";
import { operator, startTestHub, type TestHub } from "../test-hub.ts";

let mailbox: Mailbox;
let hub: TestHub;
beforeAll(async () => {
  mailbox = await startMailbox({ smtpPort: 0, httpPort: 0 });
  hub = await startTestHub({ mail: { kind: "smtp", ...mailbox.smtp, from: "hub@example.org" } });
  await hub.operator();
});
afterAll(async () => {
  await hub.stop();
  await mailbox.stop();
});
// Past the window of every limit.
beforeEach(() => hub.advance(120_000));

const signIn = (email: string, password: string) => hub.client().post("/api/auth/sign-in/email", { email, password });

describe("a password", () => {
  it("lets its owner in, with a cookie that no script and no other site can use", async () => {
    const client = hub.client();
    const { status, headers } = await client.post("/api/auth/sign-in/email", operator);
    expect(status).toBe(200);
    expect(headers.get("set-cookie")).toMatch(/^wopr\.session_token=.*HttpOnly.*SameSite=Lax/i);
    expect((await client.get("/api/me")).body).toMatchObject({ email: operator.email });
  });

  it("is refused when wrong, in the same words as an unknown address", async () => {
    const wrong = await signIn(operator.email, "wrong wrong wrong");
    const unknown = await signIn("nobody@example.org", "wrong wrong wrong");
    expect(wrong).toMatchObject({ status: 401, body: { code: "not_signed_in" } });
    expect(wrong.headers.get("content-type")).toBe("application/problem+json");
    expect(unknown).toMatchObject({ status: 401, body: { message: JSON.parse(JSON.stringify(wrong.body)).message } });
  });

  it("cannot be guessed at will", async () => {
    const statuses = [];
    for (let nth = 0; nth < 11; nth++) statuses.push((await signIn(operator.email, `wrong wrong ${nth}`)).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses[10]).toBe(429);
    // Who says to come from elsewhere is not believed.
    const elsewhere = { "x-forwarded-for": "203.0.113.9", "x-wopr-client-address": "203.0.113.9" };
    expect((await hub.client().post("/api/auth/sign-in/email", operator, elsewhere)).status).toBe(429);
    hub.advance(61_000);
    expect((await signIn(operator.email, operator.password)).status).toBe(200);
  });

  it("is not asked of anybody who signs up: nobody does", async () => {
    const account = { email: "new@example.org", password: "long enough for us", name: "New" };
    expect((await hub.client().post("/api/auth/sign-up/email", account)).status).toBeGreaterThanOrEqual(400);
    expect((await signIn(account.email, account.password)).status).toBe(401);
  });

  it("can be set by who came by a link, once", async () => {
    const owner = await hub.owner("links@example.org");
    expect((await owner.put("/api/me/password", { password: "too short" })).status).toBe(400);
    expect((await owner.get("/api/me")).body).toMatchObject({ hasPassword: false });
    expect(await owner.put("/api/me/password", { password: "long enough for us" })).toMatchObject({
      status: 200,
      body: { email: "links@example.org", hasPassword: true },
    });
    expect((await owner.get("/api/me")).body).toMatchObject({ hasPassword: true });
    expect((await signIn("links@example.org", "long enough for us")).status).toBe(200);
    expect((await owner.put("/api/me/password", { password: "another long one" })).status).toBe(409);
  });
});

describe("signing out", () => {
  it("ends the session, not only the cookie", async () => {
    const client = hub.client();
    await client.post("/api/auth/sign-in/email", operator);
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    expect((await client.post("/api/auth/sign-out", {})).status).toBe(200);
    const response = await fetch(`${hub.url}/api/me`, { headers: { cookie } });
    expect(response.status).toBe(401);
  });
});

describe("a role", () => {
  it("cannot be given to oneself", async () => {
    const owner = await hub.owner("climber@example.org");
    await owner.post("/api/auth/update-user", { role: "operator", name: "Climber" });
    expect((await owner.get("/api/me")).body).toMatchObject({ role: "owner" });
  });
});

describe("a magic link", () => {
  const ask = (email: string) => hub.client().post("/api/auth/sign-in/magic-link", { email, callbackURL: "/" });
  const linkTo = async (email: string) => {
    const mail = await until(
      () => mailbox.mails().find(({ to }) => to.includes(email)),
      (seen) => seen !== undefined,
    );
    return /http\S+/.exec(mail?.text ?? "")?.[0]?.slice(hub.url.length) ?? "";
  };

  it("comes by mail, lets its reader in once, and no second time", async () => {
    await hub.accounts.ensureOwner("magic@example.org");
    expect(await ask("magic@example.org")).toMatchObject({ status: 200 });
    const link = await linkTo("magic@example.org");
    const reader = hub.client();
    expect((await reader.get(link)).headers.get("location")).toBe(`${hub.url}/`);
    expect((await reader.get("/api/me")).body).toMatchObject({ email: "magic@example.org", role: "owner" });
    const second = hub.client();
    expect((await second.get(link)).headers.get("location")).toContain("error=INVALID_TOKEN");
    expect((await second.get("/api/me")).status).toBe(401);
  });

  it("is not kept in a form that would open a door", async () => {
    await hub.accounts.ensureOwner("hashed@example.org");
    const invitation = new URL(await hub.accounts.invitation("hashed@example.org"));
    const rows = await hub.db.selectFrom("mail").select("text").execute();
    const token = invitation.searchParams.get("token") ?? "?";
    expect(JSON.stringify(rows)).not.toContain(token);
    const { internalAdapter } = await hub.auth.$context;
    expect(await internalAdapter.findVerificationValue(token)).toBeNull();
  });

  it("is not sent to strangers, who are told the same", async () => {
    await hub.accounts.ensureOwner("known@example.org");
    const before = mailbox.mails().length;
    const stranger = await ask("stranger@example.org");
    const known = await ask("known@example.org");
    expect([stranger.status, stranger.body]).toEqual([known.status, known.body]);
    await linkTo("known@example.org");
    expect(mailbox.mails()).toHaveLength(before + 1);
  });

  it.each(["again@example.org", "ada+shop&co@example.org"])(
    "of a welcome mail, used up, leads %s to another",
    async (to) => {
      await hub.accounts.ensureOwner(to);
      const link = (await hub.accounts.invitation(to)).slice(hub.url.length);
      expect((await hub.client().get(link)).headers.get("location")).toBe(`${hub.url}/`);
      const again = new URL((await hub.client().get(link)).headers.get("location") ?? "");
      expect([again.origin, again.pathname]).toEqual([hub.url, "/sign-in"]);
      expect(Object.fromEntries(again.searchParams)).toEqual({ email: to, error: "INVALID_TOKEN" });
    },
  );

  it("leads nowhere else", async () => {
    const elsewhere = { email: "magic@example.org", callbackURL: "https://evil.example/" };
    expect(await hub.client().post("/api/auth/sign-in/magic-link", elsewhere)).toMatchObject({ status: 403 });
  });
});

describe("a change that the page of another site asks for", () => {
  it("is refused", async () => {
    const client = await hub.operator();
    const foreign = { origin: "https://evil.example" };
    const order = { email: "a@example.org", beacon: "evil", modules: [] };
    expect(await client.post("/api/orders", order, foreign)).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    expect(await client.post("/api/auth/sign-out", {}, foreign)).toMatchObject({ status: 403 });
    expect((await client.get("/api/me")).status).toBe(200);
  });
});

describe("the audit log", () => {
  it("knows who came in and who did not, and no secret", async () => {
    await signIn(operator.email, "wrong wrong wrong");
    await signIn(operator.email, operator.password);
    const { body } = await (await hub.operator()).get("/api/audit?limit=2");
    expect(body).toMatchObject({
      entries: [
        { action: "session.create", actor: operator.email },
        { action: "session.refuse", details: { address: "127.0.0.1", status: 401 } },
      ],
    });
    const { body: all } = await (await hub.operator()).get("/api/audit?limit=500");
    expect(JSON.stringify(all)).not.toMatch(/correct horse|wrong wrong|long enough/);
  });
});
