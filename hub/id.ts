import { randomUUIDv7 } from "node:crypto";

/** Makes an id that was never used before: `prefix_uuid`, ordered by time (RFC 9562 section 5.7). */
export type NewId = (prefix: string) => string;

export const newId: NewId = (prefix) => `${prefix}_${randomUUIDv7()}`;
