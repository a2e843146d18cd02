import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Dns } from "#hub/dns/dns.ts";
import { Problem } from "#shared/problem.ts";
import type { Fault, Simulator } from "#test/simulators/simulator.ts";

export interface DnsUnderTest {
  readonly dns: Dns;
  /** A domain in the zone that it serves, which nobody uses. */
  readonly domain: string;
  readonly addresses: readonly string[];
  /** A domain that lies outside of its zone. */
  readonly foreign: string;
}

/** What every DNS backend promises (`hub/dns/dns.ts`). */
export function dnsContract(title: string, make: () => Promise<DnsUnderTest>) {
  describe(`the DNS backend ${title}`, () => {
    test("makes a domain lead to an address, as often as it is asked", async () => {
      const { dns, domain, addresses } = await make();
      await dns.ensure(domain, addresses);
      await dns.ensure(domain, addresses);
      await dns.verify(domain, addresses);
      await dns.remove(domain);
    });

    test("removes a domain twice without a word", async () => {
      const { dns, domain, addresses } = await make();
      await dns.ensure(domain, addresses);
      await dns.remove(domain);
      await dns.remove(domain);
    });

    test("refuses a domain that is not its own", async () => {
      const { dns, foreign, addresses } = await make();
      await expect(dns.ensure(foreign, addresses)).rejects.toMatchObject({ code: "provider_refused" });
      await expect(dns.verify(foreign, addresses)).rejects.toMatchObject({ code: "provider_refused" });
    });
  });
}

/** A backend over somebody's API, with the zone as that somebody has it. */
export interface ZoneUnderTest {
  readonly zone: string;
  readonly secret: string;
  /** Each call is the backend as a hub makes it at its start. */
  open(credentials: "right" | "wrong"): Dns;
  /** Everything in the zone, a line a record: `name type value`. */
  records(): Promise<readonly string[]>;
  /** Somebody else puts a record set there. */
  put(name: string, type: string, values: readonly string[]): Promise<void>;
  /** How this vendor says that it is asked too often. */
  readonly tooOften: Fault;
  /** What the backend talks to. */
  readonly simulator: Simulator;
  stop(): Promise<void>;
}

const WRITE = /^(POST|PUT|PATCH|DELETE)/;

/** What every backend with records promises besides; the zone lies at real name servers. */
export function zoneContract(title: string, start: () => Promise<ZoneUnderTest>) {
  describe(`the zone of ${title}`, () => {
    let subject: ZoneUnderTest;
    let domain = "";
    let nth = 0;
    let before: readonly string[] = [];
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.stop());
    beforeEach(async () => {
      domain = `ada${nth++}.${subject.zone}`;
      // Names around it, and other records of its own name.
      await subject.put(`x${domain}`, "A", ["192.0.2.200"]);
      await subject.put(`deep.${domain}`, "A", ["192.0.2.201"]);
      await subject.put(domain, "TXT", ['"somebody else\'s"']);
      before = await subject.records();
    });
    afterEach(() => {
      subject.simulator.calm();
      expect(subject.simulator.violations).toEqual([]);
    });

    const v4 = ["192.0.2.1"];
    const lines = (addresses: readonly string[], names = [domain, `*.${domain}`]) =>
      names.flatMap((name) => addresses.map((one) => `${name} ${one.includes(":") ? "AAAA" : "A"} ${one}`));
    /** What there is now and was not before; nothing else may have changed but what is not ours to say. */
    const added = async () => {
      const now = (await subject.records()).filter((line) => !/ SOA /.test(line));
      const then = before.filter((line) => !/ SOA /.test(line));
      expect(now).toEqual(expect.arrayContaining(then));
      return now.filter((line) => !then.includes(line)).sort();
    };
    const writes = () => subject.simulator.requests.filter(({ method }) => WRITE.test(method)).length;
    const refusalOf = (doing: Promise<void>) =>
      doing.then(
        () => Promise.reject(new Error("it was done")),
        (error: unknown) => Problem.wrap(error),
      );
    /** As a job does it: again, while trying again can help. */
    const insist = async (act: () => Promise<void>, times = 6): Promise<void> => {
      try {
        await act();
      } catch (error) {
        const problem = Problem.wrap(error);
        if (!problem.retryable || times === 0) throw problem;
        await insist(act, times - 1);
      }
    };

    test("leads both names to all addresses, IPv4 and IPv6, and its name servers say so", async () => {
      const addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];
      const dns = subject.open("right");
      await dns.ensure(domain, addresses);
      expect(await added()).toEqual(lines(addresses).sort());
      await dns.verify(domain, addresses);
      expect((await refusalOf(dns.verify(domain, v4))).code).toBe("dns_not_ready");
    });

    test("done twice, by whomever, changes nothing", async () => {
      await subject.open("right").ensure(domain, ["192.0.2.1", "2001:DB8:0:0::1"]);
      const done = writes();
      await subject.open("right").ensure(domain, ["2001:db8::1", "192.0.2.1", "192.0.2.1"]);
      expect(writes()).toBe(done);
    });

    test("lists the domains that it keeps, with where they lead, and no others", async () => {
      const dns = subject.open("right");
      const own = async () => (await dns.list(subject.zone)).filter((one) => one.domain.includes(`ada${nth - 1}.`));
      expect(await own()).toEqual([]);
      const addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];
      await dns.ensure(domain, addresses);
      // Not right below the zone, and not as a beacon's: half of it is missing, or leads elsewhere.
      await dns.ensure(`below.${domain}`, v4);
      await subject.put(`half${domain}`, "A", v4);
      await subject.put(`two${domain}`, "A", v4);
      await subject.put(`*.two${domain}`, "A", ["192.0.2.9"]);
      expect(await own()).toEqual([{ domain, addresses }]);
      await dns.remove(`below.${domain}`);
      await dns.remove(domain);
      expect(await own()).toEqual([]);
      await expect(dns.list("elsewhere.example")).rejects.toMatchObject({ code: "provider_refused" });
    });

    test("follows changing addresses", async () => {
      const dns = subject.open("right");
      const steps = [
        ["192.0.2.1"],
        ["192.0.2.2"],
        ["192.0.2.2", "192.0.2.3", "2001:db8::1"],
        ["2001:db8::2"],
        ["192.0.2.4"],
      ];
      for (const addresses of steps) {
        await dns.ensure(domain, addresses);
        expect(await added()).toEqual(lines(addresses).sort());
      }
    });

    test("puts right what somebody else has changed", async () => {
      const dns = subject.open("right");
      await dns.ensure(domain, v4);
      await subject.put(domain, "A", ["192.0.2.66", "192.0.2.1", "192.0.2.67"]);
      await subject.put(`*.${domain}`, "A", []);
      await dns.ensure(domain, v4);
      expect(await added()).toEqual(lines(v4).sort());
    });

    test("removes both names with all of their addresses, and nothing else, however often", async () => {
      const dns = subject.open("right");
      await dns.ensure(domain, ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
      await dns.remove(domain);
      expect(await added()).toEqual([]);
      const done = writes();
      await dns.remove(domain);
      expect(writes()).toBe(done);
      await dns.verify(domain, []);
    });

    test.each(["lost", "refused"] as const)("done again it ends right, whichever answer was %s", async (kind) => {
      const acts = [
        {
          wanted: ["192.0.2.1", "2001:db8::1"],
          act: () => subject.open("right").ensure(domain, ["192.0.2.1", "2001:db8::1"]),
        },
        { wanted: ["192.0.2.2"], act: () => subject.open("right").ensure(domain, ["192.0.2.2"]) },
        { wanted: [], act: () => subject.open("right").remove(domain) },
      ];
      for (let good = 0; good < 5; good++) {
        for (const { wanted, act } of acts) {
          const unharmed = Array.from({ length: good }, () => ({ kind: "slow", ms: 0 }) as const);
          subject.simulator.fail(WRITE, ...unharmed, { kind });
          await insist(act);
          subject.simulator.calm();
          expect(await added()).toEqual(lines(wanted).sort());
        }
      }
    });

    test("refuses a domain in a zone that is not there, and says what to do", async () => {
      const dns = subject.open("right");
      for (const act of [dns.ensure, dns.verify]) {
        const problem = await refusalOf(act("ada.elsewhere.example", v4));
        expect(problem.code).toBe("provider_refused");
        expect(problem.hint).toBeDefined();
      }
    });

    test("a name that is an alias of another is somebody else's: it is refused and left alone", async () => {
      const taken = `taken${nth}.${subject.zone}`;
      await subject.put(taken, "CNAME", [`elsewhere.${subject.zone}.`]);
      expect((await refusalOf(subject.open("right").ensure(taken, v4))).code).toBe("provider_refused");
      expect(await subject.records()).toContain(`${taken} CNAME elsewhere.${subject.zone}.`);
      expect((await subject.records()).filter((line) => line.startsWith(`${taken} A`))).toEqual([]);
    });

    test("wrong credentials are the operator's to put right, and are told to nobody", async () => {
      const problem = await refusalOf(subject.open("wrong").ensure(domain, v4));
      expect(problem).toMatchObject({ code: "provider_credentials", retryable: false });
      expect(problem.hint).toBeDefined();
      expect(JSON.stringify(problem)).not.toContain(subject.secret);
      expect(await added()).toEqual([]);
    });

    test("asked too often, it waits and goes on", async () => {
      subject.simulator.fail(/./, subject.tooOften, subject.tooOften);
      await insist(() => subject.open("right").ensure(domain, v4));
      expect(await added()).toEqual(lines(v4).sort());
    });

    test("a vendor that is away is asked again, by the client or by the job", async () => {
      for (let times = 0; times < 4; times++)
        subject.simulator.fail(/^GET/, { kind: "answer", status: 503, body: "away" });
      const problem = await refusalOf(subject.open("right").ensure(domain, v4));
      expect(problem).toMatchObject({ code: "provider_unavailable", retryable: true });
      await subject.open("right").ensure(domain, v4);
    });
  });
}
