import { describe, expect, it } from "vitest";
import { DnsLabel, HostName, Id, InstanceName } from "#shared/names.ts";
import { Route, RoutePath } from "#shared/route.ts";

const accepts = (schema: { safeParse: (value: unknown) => { success: boolean } }) => (value: unknown) =>
  schema.safeParse(value).success;

describe("DnsLabel", () => {
  it.each(["a", "9", "a-b", "xn--nxasmq6b", "a".repeat(63)])("takes %j", (name) =>
    expect(accepts(DnsLabel)(name)).toBe(true),
  );
  it.each(["", "-a", "a-", "A", "a_b", "a.b", "a b", "ä", "a\n", "a".repeat(64)])("refuses %j", (name) =>
    expect(accepts(DnsLabel)(name)).toBe(false),
  );
});

describe("InstanceName", () => {
  it("leaves room for what is put around it", () => {
    expect(accepts(InstanceName)("a".repeat(40))).toBe(true);
    expect(accepts(InstanceName)("a".repeat(41))).toBe(false);
  });
});

describe("HostName", () => {
  it.each(["localhost", "ada.example.org", "a.b-c.d9"])("takes %j", (name) =>
    expect(accepts(HostName)(name)).toBe(true),
  );
  it.each(["", ".", "a.", ".a", "a..b", "A.b", "a.b\n", "a b", "*.a", "-a.b", `${"a".repeat(64)}.b`])(
    "refuses %j",
    (name) => expect(accepts(HostName)(name)).toBe(false),
  );
});

describe("Id", () => {
  it.each(["cmd_01890a5d-ac96-774b-bcce-b302099a8057"])("takes %j", (id) => expect(accepts(Id)(id)).toBe(true));
  it.each(["", "cmd_", "cmd_short", "CMD_01890a5d", "cmd_01890a5d/..", "cmd 01890a5d"])("refuses %j", (id) =>
    expect(accepts(Id)(id)).toBe(false),
  );
});

describe("RoutePath", () => {
  it.each(["/", "/api", "/api/v1.2/~x_y-z"])("takes %j", (path) => expect(accepts(RoutePath)(path)).toBe(true));
  it.each(["", "api", "/api/", "//", "/a*", "/{http.request.host}", "/a b", "/a?b", "/a\n"])("refuses %j", (path) =>
    expect(accepts(RoutePath)(path)).toBe(false),
  );
});

describe("Route", () => {
  it("has a port that there is", () => {
    const route = { host: "a.b", path: "/", alias: "web.a" };
    expect(accepts(Route)({ ...route, port: 65535 })).toBe(true);
    for (const port of [0, 65536, 1.5, "80"]) expect(accepts(Route)({ ...route, port })).toBe(false);
  });
});
