import { expect, it } from "vitest";
import { canOverlap } from "#shared/generation.ts";
import { App, resolvedApp } from "./app.ts";

it.each([
  ["nothing in their way", {}, true],
  ["a volume that is only read", { volumes: ["data:ro"] }, true],
  ["a volume that is written", { volumes: ["data"] }, false],
  ["a port of the host", { ports: [8080] }, false],
])("two generations with %s", (_what, service, expected) => {
  const [spec] = resolvedApp(App.parse({ web: service })).containers;
  expect(spec && canOverlap(spec)).toBe(expected);
  const addressed = spec && { ...spec, engine: { addresses: { "app/default": { ipv4: "172.30.0.5" } } } };
  expect(addressed && canOverlap(addressed)).toBe(false);
});
