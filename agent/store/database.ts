import Database from "better-sqlite3";
import { Problem } from "#shared/problem.ts";
import { packRollups } from "./pack-rollups.ts";

export type AgentDatabase = Database.Database;

/**
 * Each entry brings the tables one version further; never change one that was released, add another.
 * Times are milliseconds since the epoch, columns in `_json` are parsed by the one file that reads them.
 */
const migrations: readonly (string | ((db: AgentDatabase) => void))[] = [
  `
  create table setting (key text primary key, value text not null) strict;

  create table instance (name text primary key, record_json text not null) strict;

  -- Sealed with the key file beside the database.
  create table secret (
    instance text not null, name text not null, sealed blob not null, primary key (instance, name)
  ) strict;

  create table routes (instance text primary key, routes_json text not null, hash text not null) strict;

  -- The journal: every command ever accepted, until its result is acknowledged and a month has passed.
  create table command (
    id text primary key,
    sequence integer,              -- null for commands given on the beacon itself
    name text not null,
    input_json text not null,
    actor text not null,
    state text not null,           -- accepted, running, done, failed, cancelled, expired
    accepted_at integer not null,
    started_at integer,
    finished_at integer,
    cancel_asked_at integer,
    steps integer not null default 0,
    progress_json text,
    problem_json text,
    acknowledged_at integer        -- when the hub had stored the result
  ) strict;

  create table rollup (
    step_ms integer not null, at integer not null, values_json text not null,
    reported_at integer,           -- when the hub was sent it, for samples
    primary key (step_ms, at)
  ) strict, without rowid;

  create table session (
    hash text primary key, subject text not null, email text not null, role text not null,
    created_at integer not null, expires_at integer not null
  ) strict;
  `,
  `
  -- Programs that people ran in containers: who, where and when; never what was typed.
  create table exec_session (
    id text primary key,
    actor text not null,
    container text not null,
    program text not null,
    engine_id text,                -- of the engine, to end what an agent that was killed has left
    started_at integer not null,
    ended_at integer,
    exit_code integer,
    reason text
  ) strict;
  create index exec_session_by_start on exec_session (started_at);

  -- Modules as instances were installed from them, by id@version.
  create table module_version (version text primary key, definition_json text not null) strict;
  `,
  `
  -- What is wrong now, or is about to be said to be.
  create table alert (
    rule text not null, subject text not null, alert_json text not null, primary key (rule, subject)
  ) strict;

  create table alert_event (
    number integer primary key,    -- in the order in which they happened
    id text not null unique,
    alert text not null,           -- the same for the beginning and the end of one alert
    at integer not null,
    stored_at integer not null,
    event_json text not null,
    acknowledged_at integer        -- when the hub had stored it
  ) strict;
  -- Events that this beacon has brought to a channel itself, or gave up bringing.
  create table alert_told (
    event text not null references alert_event (id) on delete cascade,
    channel text not null, state text not null, at integer not null,
    primary key (event, channel)
  ) strict;
  create index alert_event_waiting on alert_event (number) where acknowledged_at is null;
  create index alert_event_alert on alert_event (alert);
  `,
  `
  -- Tokens that work once and were used, until they would be refused anyway.
  create table spent_token (id text primary key, expires_at integer not null) strict;

  -- One-time codes that root has made for the owner.
  create table login_code (hash text primary key, expires_at integer not null) strict;
  `,
  `
  -- The life of each command of the journal: written with each change of its state, and never changed.
  create table ledger (
    number integer primary key,
    command text not null references command (id) on delete cascade,
    at integer not null,
    state text not null,
    actor text not null,
    why text
  ) strict;
  create index ledger_command on ledger (command);
  insert into ledger (command, at, state, actor) select id, accepted_at, 'accepted', actor from command;
  insert into ledger (command, at, state, actor) select id, started_at, 'running', 'agent' from command where started_at is not null;
  insert into ledger (command, at, state, actor, why)
    select id, finished_at, state, 'agent', problem_json ->> 'message' from command where finished_at is not null;
  `,
  (db) => {
    db.exec(`
      create table series (id integer primary key, name text not null unique) strict;
      -- Numbers of series and what was measured, as in agent/metrics/span-bytes.ts.
      create table span (
        step_ms integer not null, at integer not null, packed blob not null, primary key (step_ms, at)
      ) strict;
      -- Spans that are to be made out of finer ones once their time is over.
      create table roll_up_due (
        step_ms integer not null, at integer not null, primary key (step_ms, at)
      ) strict, without rowid;
      -- Spans that the hub has not stored.
      create table owed_span (
        step_ms integer not null, at integer not null, primary key (step_ms, at)
      ) strict, without rowid;
      -- When nothing was measured, and why.
      create table gap (
        from_at integer primary key, to_at integer not null, reason text not null,
        reported_at integer            -- when the hub had stored it
      ) strict;
    `);
    packRollups(db);
  },
];

/**
 * Opens the agent's store (created when absent; `:memory:` for tests). What was written survives a power cut.
 * @throws {Problem} `conflict` when a newer agent has written the file.
 */
export function openStore(file: string): AgentDatabase {
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  db.pragma("busy_timeout = 5000");
  // In KiB, for what is read again and again; 16 MB would be kept otherwise, once there are measurements of a month.
  db.pragma("cache_size = -1024");
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > migrations.length) {
    throw new Problem("conflict", `${file} was written by a newer agent (version ${version} of its tables)`, {
      hint: "Start the newer agent again.",
    });
  }
  migrations.slice(version).forEach((step, index) => {
    db.transaction(() => {
      if (typeof step === "string") db.exec(step);
      else step(db);
      db.pragma(`user_version = ${version + index + 1}`);
    })();
  });
  return db;
}
