// @module-tag docker
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { prepareSystem } from "#scripts/system.ts";
import { readCompose } from "#shared/compose/read.ts";
import { standIns } from "#test/images/stand-ins.ts";
import { eventually, type Lab, openLab, type Subject } from "#test/scripts/stand-ins/lab.ts";

/** What a module's `compose.yaml` asks of a healthy container: it was written for upstream's image. */
function healthcheckOf(module: string): readonly string[] {
  const path = join(import.meta.dirname, "../../compose-modules", module, "compose.yaml");
  const { services } = readCompose({ path, text: readFileSync(path, "utf8") }, variables).project;
  const [kind, ...argv] = Object.values(services)[0]?.healthcheck?.test ?? [];
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...argv] : argv;
}
const variables = {
  WOPR_ADDRESS: "127.0.0.1",
  WOPR_HTTP_PORT: "80",
  WOPR_HTTPS_PORT: "443",
  WOPR_CADDY_DIRECTORY: "/x",
};

const parts = await prepareSystem({ needs: ["docker", "registry", "mmdebstrap"], log: console.log });

describe.skipIf(parts.size < 3).concurrent("stand-in images", () => {
  let mirror: StandInMirror;
  let lab: Lab;
  const folder = mkdtempSync(join(tmpdir(), "wopr-stand-ins-"));

  beforeAll(async () => {
    mirror = await ensureStandIns({ log: console.log });
    lab = await openLab(mirror.mirror);
  });
  afterAll(async () => {
    await lab?.clear();
    await mirror?.stop();
    rmSync(folder, { recursive: true });
  });

  const isHealthy = async (subject: Subject, module: string) => (await subject.exec(healthcheckOf(module))).code === 0;
  const page = (subject: Subject, path: string, port: number, init?: RequestInit) =>
    eventually(async () => await fetch(`http://${await subject.address()}:${port}${path}`, init));
  const pageText = async (subject: Subject, path: string, port: number) => (await page(subject, path, port)).text();

  it("are served under the name of each upstream image", async () => {
    for (const { reference } of standIns) {
      const [, repository, tag] = /^(.+):([^:]+)$/.exec(reference) ?? [];
      const manifest = await fetch(`http://${mirror.mirror}/v2/${repository}/manifests/${tag}`);
      expect([reference, manifest.status]).toEqual([reference, 200]);
    }
  });

  it("are not built again when nothing has changed", async () => {
    const lines: string[] = [];
    const second = await ensureStandIns({ log: (line) => lines.push(line) });
    expect(lines).toEqual([]);
    expect(second.mirror).not.toBe(mirror.mirror);
    await second.stop();
    await expect(fetch(`http://${second.mirror}/v2/`)).rejects.toThrow();
  });

  describe("caddy", () => {
    const config = {
      // Up to 2.8 Caddy compares the host also on a Unix socket.
      admin: { listen: "unix//run/wopr/admin.sock", origins: ["localhost"] },
      apps: {
        http: {
          servers: { s: { listen: [":80"], routes: [{ handle: [{ handler: "static_response", body: "routed" }] }] } },
        },
      },
    };

    it("runs a config with its admin API on a shared socket, also after it was killed", async () => {
      const shared = mkdtempSync(join(folder, "caddy-"));
      writeFileSync(join(shared, "caddy.json"), JSON.stringify(config));
      const caddy = await lab.start("caddy", {
        command: ["caddy", "run", "--config", "/run/wopr/caddy.json"],
        binds: [`${shared}:/run/wopr`],
        volumes: { "caddy-data": "/data", "caddy-config": "/config" },
      });
      expect(await pageText(caddy, "/", 80)).toBe("routed");
      await eventually(() => isHealthy(caddy, "caddy"));
      await caddy.kill();
      expect((await caddy.state()).running).toBe(false);
      await caddy.restart();
      await eventually(() => isHealthy(caddy, "caddy"));
    });
  });

  describe("postgres", () => {
    const start = (env: readonly string[], volume: string) =>
      lab.start("postgres", { env, volumes: { [volume]: "/var/lib/postgresql/data" } });
    /** By the address on the network, where a password is asked for. */
    const query = async (postgres: Subject, password: string, sql: string, user = "owner", database = "books") =>
      postgres.exec(["psql", "-h", await postgres.address(), "-U", user, "-d", database, "-Atc", sql], {
        env: [`PGPASSWORD=${password}`],
      });
    const ready = (postgres: Subject) => eventually(() => isHealthy(postgres, "postgresql"));

    it("makes what the environment asks for, wants the password, and keeps its data", async () => {
      const env = ["POSTGRES_USER=owner", "POSTGRES_PASSWORD=s3cret'$x", "POSTGRES_DB=books"];
      const first = await start(env, "books");
      await ready(first);
      const made = await query(first, "s3cret'$x", "CREATE TABLE book (title text); INSERT INTO book VALUES ('Emma')");
      expect(made.code).toBe(0);
      expect(await query(first, "wrong", "SELECT 1")).toMatchObject({
        code: 2,
        output: expect.stringContaining("password"),
      });
      expect((await query(first, "s3cret'$x", "SHOW server_encoding")).output).toBe("UTF8\n");

      await first.restart();
      await ready(first);
      expect((await query(first, "s3cret'$x", "SELECT title FROM book")).output).toBe("Emma\n");

      await first.remove();
      const second = await start(env, "books");
      await ready(second);
      expect((await query(second, "s3cret'$x", "SELECT title FROM book")).output).toBe("Emma\n");
      expect(await second.logs()).toContain("Skipping initialization");
      // STOPSIGNAL: a fast shutdown, not ten seconds and a SIGKILL.
      expect(await second.stop(10)).toBeLessThan(5000);
    });

    it("lets the user postgres in without a password over the local socket", async () => {
      const postgres = await start(["POSTGRES_PASSWORD=pw"], "local");
      await ready(postgres);
      const local = await postgres.exec(["psql", "-Atc", "SELECT current_user"], { user: "postgres" });
      expect(local).toEqual({ code: 0, output: "postgres\n" });
    });

    it("takes its password from a file", async () => {
      writeFileSync(join(folder, "password"), "from-a-file\n");
      const postgres = await lab.start("postgres", {
        env: ["POSTGRES_PASSWORD_FILE=/run/password"],
        binds: [`${join(folder, "password")}:/run/password:ro`],
      });
      await ready(postgres);
      expect((await query(postgres, "from-a-file", "SELECT 1", "postgres", "postgres")).code).toBe(0);
    });

    it("ends with a reason when it is given no password", async () => {
      const postgres = await lab.start("postgres");
      expect(await postgres.ended()).toBe(1);
      expect(await postgres.logs()).toContain("POSTGRES_PASSWORD");
    });
  });

  describe("redis", () => {
    it("refuses without the password of its arguments, also from outside, and keeps its data", async () => {
      const redis = await lab.start("redis", {
        command: ["redis-server", "--requirepass", "s3cret", "--appendonly", "yes"],
        volumes: { redis: "/data" },
      });
      const cli = async (...args: string[]) =>
        (await redis.exec(["redis-cli", "--no-auth-warning", ...args])).output.trim();
      await eventually(async () => (await cli("-a", "s3cret", "PING")) === "PONG");
      expect(await cli("PING")).toContain("NOAUTH");
      expect(await isHealthy(redis, "redis")).toBe(false);
      const outside = connect(6379, await redis.address());
      outside.end("PING\r\n");
      expect(await text(outside)).toContain("-NOAUTH");

      expect(await cli("-a", "s3cret", "SET", "book", "Emma")).toBe("OK");
      await redis.restart();
      await eventually(async () => (await cli("-a", "s3cret", "GET", "book")) === "Emma");
      expect((await redis.exec(["stat", "-c", "%U", "/data/appendonlydir"])).output).toBe("redis\n");
    });

    it("starts without a password too", async () => {
      const redis = await lab.start("redis");
      await eventually(() => isHealthy(redis, "redis"));
    });
  });

  describe("umami", () => {
    it("counts visits in its database", async () => {
      const postgres = await lab.start("postgres", {
        env: ["POSTGRES_PASSWORD=pw", "POSTGRES_DB=stats"],
        alias: "stats-db",
      });
      await eventually(() => isHealthy(postgres, "postgresql"));
      const umami = await lab.start("umami", {
        env: ["DATABASE_URL=postgresql://postgres:pw@stats-db:5432/stats", "APP_SECRET=x"],
      });
      expect(await (await page(umami, "/api/heartbeat", 3000)).json()).toEqual({ ok: true });
      const event = JSON.stringify({ type: "event", payload: { url: "/it's" } });
      expect((await page(umami, "/api/send", 3000, { method: "POST", body: event })).status).toBe(200);
      expect(await pageText(umami, "/", 3000)).toMatch(/<div class="number">2<\/div>[\s\S]*stand-in for Umami/);
      const counted = await postgres.exec([
        "psql",
        "-U",
        "postgres",
        "-d",
        "stats",
        "-Atc",
        "SELECT path FROM visit ORDER BY at",
      ]);
      expect(counted.output).toBe("/it's\n/\n");
      expect(await isHealthy(umami, "umami")).toBe(true);
      expect(await umami.stop(10)).toBeLessThan(5000);
    });

    it.each([
      ["is not reachable", "postgresql://postgres:pw@nowhere:5432/stats"],
      ["is not configured", ""],
    ])("never gets well when its database %s", async (_, url) => {
      const umami = await lab.start("umami", { env: [`DATABASE_URL=${url}`] });
      expect(await umami.ended()).toBe(1);
      expect(await umami.logs()).toMatch(/✗ .*(database|DATABASE_URL)/);
    });
  });

  describe("vaultwarden", () => {
    it("keeps its items when the container is replaced", async () => {
      const env = ["DOMAIN=https://vault.example", "SIGNUPS_ALLOWED=false"];
      const first = await lab.start("vaultwarden", { env, volumes: { vault: "/data" } });
      expect(await (await page(first, "/alive", 80)).json()).toMatch(/^\d{4}-/);
      expect(await isHealthy(first, "vaultwarden")).toBe(true);
      const kept = await page(first, "/items", 80, { method: "POST", body: new URLSearchParams({ name: "<router>" }) });
      expect([kept.status, kept.redirected]).toEqual([200, true]);
      await first.remove();
      const second = await lab.start("vaultwarden", { env, volumes: { vault: "/data" } });
      expect(await pageText(second, "/", 80)).toMatch(/&lt;router&gt;[\s\S]*stand-in for Vaultwarden/);
      expect(await second.stop(10)).toBeLessThan(5000);
    });
  });

  describe("element", () => {
    it("serves its files and the config that is laid over its own, without rights", async () => {
      const config = {
        default_server_config: { "m.homeserver": { base_url: "https://m.example", server_name: "m.example" } },
      };
      writeFileSync(join(folder, "config.json"), JSON.stringify(config));
      const element = await lab.start("element", { binds: [`${join(folder, "config.json")}:/app/config.json:ro`] });
      expect(await (await page(element, "/config.json", 80)).json()).toEqual(config);
      expect(await pageText(element, "/", 80)).toMatch(/m\.example[\s\S]*stand-in for Element/);
      expect((await page(element, "/../../etc/passwd", 80)).status).toBe(404);
      expect(await isHealthy(element, "element")).toBe(true);
      expect((await element.state()).uid).toBe("nginx");
    });

    it("listens on the port that it is told", async () => {
      const element = await lab.start("element", { env: ["ELEMENT_WEB_PORT=8081"] });
      expect((await page(element, "/version", 8081)).status).toBe(200);
    });
  });

  describe("misbehaving", () => {
    const start = (...command: string[]) => lab.start("misbehaving", { command });
    const health = async (subject: Subject) => (await subject.state()).health;

    it("is well without a command", async () => {
      const subject = await start();
      await eventually(async () => (await health(subject)) === "healthy");
    });

    it("never gets healthy", async () => {
      const subject = await start("never-healthy");
      await eventually(async () => (await health(subject)) === "unhealthy");
      expect(await subject.logs()).toContain("not healthy: the index is broken");
    });

    it("exits at once with the code that it is told", async () => {
      const subject = await start("exit", "3");
      expect(await subject.ended()).toBe(3);
      expect(await subject.logs()).toContain("giving up with code 3");
    });

    it("ignores SIGTERM", async () => {
      const subject = await start("ignore-sigterm");
      await eventually(async () => (await health(subject)) === "healthy");
      expect(await subject.stop(2)).toBeGreaterThan(1900);
      expect((await subject.state()).exitCode).toBe(137);
    });

    it("is well after the time that it is told", async () => {
      const subject = await start("slow-start", "4");
      expect((await page(subject, "/health", 8080)).status).toBe(503);
      await eventually(async () => (await health(subject)) === "healthy");
    });
  });
});
