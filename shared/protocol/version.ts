/**
 * The integer that hub and agent agree on. Raise it with each change that an older peer cannot ignore, and say what
 * changed:
 *
 * - 1 (2026-11-21) first protocol: challenge, hello, welcome, commands as signed statements, metrics, queries, streams.
 * - 2 (2026-11-21) `event`: what is wrong with a beacon, sent until acknowledged, to a hub that welcomed the agent with 2 or more;
 *   `alerting`: what a beacon is to watch for, and whom it may tell itself, to an agent that said 2 or more.
 * - 3 (2026-11-21) `series` and `report` in place of `metrics`: names of series are said once on a link, samples are arrays of numbers;
 *   `hello` names the commands whose results are unconfirmed, `accepted`, `progress` and `result` carry the times of the
 *   beacon's ledger, `cancel` says who asked; the query `journal`; `read`, without which a stream stops;
 *   `history` and `gaps`: what the hub missed, filled in later; the hub's `ping` and `ack` tell its time;
 *   `keys` and `rotate`: keys of hub and agent that follow others; `people`: whose sessions are over; `leave`.
 */
export const PROTOCOL = 3;

/** The first protocol in which a key can follow another, on either side. */
export const KEYS_FOLLOW_SINCE = 3;

/** The oldest protocol that this side still speaks: always the one before today's, so that either end can be updated first. */
export const OLDEST_PROTOCOL = 2;
