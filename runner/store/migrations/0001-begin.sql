-- Everything Watchbill remembers. Times are epoch milliseconds (bigint, *_ms); money is pico-USD (numeric).

create table meta (
  name text primary key,
  value jsonb not null
);
comment on table meta is 'single facts: installation id, hook key, the emergency stop, accepted commits';

-- ---------------------------------------------------------------- what Git says

create table blob (
  hash text primary key,            -- sha256 of the text
  body text not null
);

create table revision (
  commit text primary key,
  seq bigint generated always as identity unique,
  previous text,
  message text not null,
  author text not null,
  seen_ms bigint not null,
  -- applied: what it says is in force; held: waits for `watchbill accept`; refused: cannot be read
  state text not null check (state in ('applied', 'held', 'refused')),
  reason text,
  problems jsonb not null,
  changed jsonb not null            -- paths changed since the revision before
);

create table flow_version (
  hash text primary key,            -- flow.version: hash of the closure
  name text not null,
  file text not null,
  closure jsonb not null,           -- path → blob hash
  created_ms bigint not null
);

create table flow_head (
  file text primary key,
  name text not null,
  version text references flow_version,   -- last good version; null when there never was one
  commit text not null,                   -- commit that version came from
  state text not null check (state in ('active', 'broken', 'removed')),
  suspended boolean not null,
  problems jsonb not null,
  description text not null,
  changed_ms bigint not null
);
create unique index flow_head_name on flow_head (name) where state <> 'removed';

create table policy_version (
  hash text primary key,
  seq bigint generated always as identity unique,
  file text not null,
  body text not null,
  commit text not null,
  applied_ms bigint not null
);

create table trigger_state (
  flow text not null,
  trigger text not null,
  kind text not null,
  spec jsonb not null,              -- what it says, for the page and to see changes
  since_ms bigint not null,         -- registered in this form; nothing earlier counts as missed
  next_ms bigint,                   -- schedules: the next slot
  last_slot_ms bigint,
  last_fired_ms bigint,
  removed boolean not null default false,
  primary key (flow, trigger)
);
create index trigger_due on trigger_state (next_ms) where next_ms is not null and not removed;

-- ---------------------------------------------------------------- runs

create table slot (
  key text primary key,             -- remembered longer than the run
  run text not null,
  created_ms bigint not null
);

create table run (
  id text primary key,
  flow text not null,
  version text not null references flow_version,
  commit text not null,
  policy text not null,             -- policy in force at the start; risk is the higher of it and the head's
  trigger text not null,
  started_by text not null,
  slot text not null,
  event jsonb not null,
  inputs jsonb not null,
  -- queued: a limit is full; ready: wants a runner; running: held by `owner`; parked: waits for a fact or a time
  status text not null check (status in
    ('queued', 'ready', 'running', 'parked', 'succeeded', 'failed', 'cancelled')),
  waiting jsonb,                    -- parked: for what, in words and ids
  priority int not null default 0,
  epoch int not null default 0,
  owner text,
  wake_seq int not null default 0,
  wake_ms bigint,
  cancel_by text,                   -- somebody asked for the end
  scheduled_ms bigint not null,
  created_ms bigint not null,
  started_ms bigint,
  ended_ms bigint,
  working_ms bigint not null default 0,
  cost_pico numeric not null default 0,
  error jsonb,
  outputs jsonb
);
create index run_live on run (status, priority desc, created_ms) where status in ('queued', 'ready', 'running', 'parked');
create index run_wake on run (wake_ms) where status = 'parked' and wake_ms is not null;
create index run_owner on run (owner) where status = 'running';
create index run_by_flow on run (flow, status, id);
create index run_by_status on run (status, id);
create index run_ended on run (ended_ms) where ended_ms is not null;
create index run_failed on run (ended_ms desc) where status = 'failed';

-- Limits a run counts against until it ends: `concurrency` and `overlap: queue`.
create table run_limit (
  key text not null,
  run text not null references run on delete cascade,
  max int not null,
  primary key (key, run)
);
create index run_limit_run on run_limit (run);

create table journal (
  run text not null references run on delete cascade,
  seq int not null,
  epoch int not null,
  at_ms bigint not null,
  fact jsonb not null,
  primary key (run, seq)
);

create table run_log (
  run text not null references run on delete cascade,
  id bigint generated always as identity,
  at_ms bigint not null,
  step text not null,
  line text not null,
  primary key (run, id)
);

-- An effect that may leave. The ticket is consumed by its unique key: one yes, one execution.
create table effect (
  key text primary key,
  run text not null,
  step text not null,
  uses text not null,
  request_hash text not null,
  ticket text unique,
  intended_ms bigint not null
);
create index effect_run on effect (run);

create table runner (
  id text primary key,
  lock_key bigint not null,
  host text not null,
  pid int not null,
  version text not null,
  started_ms bigint not null,
  lease_ms bigint not null,         -- alive until
  slots int not null
);

create table duty (
  name text primary key,
  owner text not null,
  until_ms bigint not null
);

-- ---------------------------------------------------------------- decisions and money

create table decision (
  id text primary key,
  run text not null,
  flow text not null,
  step text not null,
  element int,
  round int not null,
  version text not null,
  at_ms bigint not null,
  route text not null,              -- rule, small, large, fallback, people
  model text,
  choice text,
  reason text,
  priority text,
  risk text,
  parameters jsonb,
  cost_pico numeric not null,
  record jsonb not null             -- the whole record, as docs/decisions describes it
);
create index decision_run on decision (run);
create index decision_by_flow on decision (flow, id);

create table decision_event (
  decision text not null references decision on delete cascade,
  seq bigint generated always as identity,
  at_ms bigint not null,
  kind text not null,
  body jsonb not null,
  primary key (decision, seq)
);

create table ledger_window (
  name text primary key,            -- usd:month:2026-11, calls:day:2026-11-22, usd:run:<id> …
  settled numeric not null default 0,
  held numeric not null default 0,
  presumed numeric not null default 0,
  check (settled >= 0 and held >= 0 and presumed >= 0)
);

create table reservation (
  id text primary key,
  decision text not null,
  run text not null,
  flow text not null,
  step text not null,
  model text not null,
  rung text not null,
  owner text not null,              -- runner that made it
  windows jsonb not null,           -- names counted against, with the amount in each
  state text not null check (state in ('held', 'sent', 'settled', 'released', 'presumed')),
  held_pico numeric not null,
  settled_pico numeric,
  usage jsonb,
  at_ms bigint not null,
  changed_ms bigint not null
);
create index reservation_open on reservation (owner) where state in ('held', 'sent');
create index reservation_run on reservation (run);
create index reservation_at on reservation (at_ms);

-- ---------------------------------------------------------------- approvals

create table ticket (
  id text primary key,
  run text not null,
  flow text not null,
  step text not null,
  element int,
  kind text not null check (kind in ('action', 'question', 'unsure', 'unknown')),
  state text not null,
  version int not null default 0,   -- compare-and-set
  revision int not null default 1,
  nonce text not null,
  action_digest text not null,
  ticket_digest text not null,
  code text not null,
  binding text not null,            -- RFC 8785 bytes: what was shown is what runs
  shown jsonb not null,             -- the proposal as people see it
  verdict jsonb,
  need int not null,
  expires_ms bigint not null,
  transport text not null check (transport in ('local', 'github')),
  repository text,
  issue_number int,
  issue_node text,
  issue_url text,
  body_hash text,
  created_ms bigint not null,
  asked_ms bigint,                  -- left the queue: from then on it counts against per_day
  changed_ms bigint not null
);
create index ticket_open on ticket (state, expires_ms) where state in ('proposed', 'opening', 'pending', 'approved');
create index ticket_run on ticket (run);
create unique index ticket_code on ticket (code) where state in ('proposed', 'opening', 'pending', 'approved');
create index ticket_created on ticket (created_ms);
create index ticket_asked on ticket (asked_ms) where asked_ms is not null;

create table vote (
  ticket text not null references ticket on delete cascade,
  seq bigint generated always as identity,
  revision int not null,
  actor text not null,              -- local:<account>, github:<numeric id>
  actor_name text not null,
  verdict text not null,
  counted boolean not null,
  why text not null,
  comment text,                     -- GitHub comment id
  body_hash text,
  at_ms bigint not null,
  primary key (ticket, seq)
);
create unique index vote_once on vote (ticket, revision, actor, verdict) where counted;

create table audit (
  seq bigint primary key,
  at_ms bigint not null,
  ticket text,
  kind text not null,
  body jsonb not null,
  previous text not null,
  hash text not null
);

create table outbox (
  id text primary key,              -- message id: written into the comment, so that it is sent once
  ticket text not null,
  kind text not null,
  body jsonb not null,
  state text not null check (state in ('waiting', 'sent', 'failed')),
  attempts int not null default 0,
  next_ms bigint not null,
  sent_ms bigint
);
create index outbox_waiting on outbox (next_ms) where state = 'waiting';

create table github_cursor (
  repository text primary key,
  since_ms bigint not null,
  etags jsonb not null,
  seen jsonb not null
);
