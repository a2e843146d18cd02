/**
 * The integer that hub and agent agree on. Raise it with each change that an older peer cannot ignore, and say what
 * changed:
 *
 * - 1 (2026-11-21) first protocol: challenge, hello, welcome, commands as signed statements, metrics, queries, streams.
 */
export const PROTOCOL = 1;

/** The oldest protocol that this side still speaks. */
export const OLDEST_PROTOCOL = 1;
