-- The engine in depth: calls, limits by key, a bounded window of hints, waiting for events, memory of flows.

-- ---------------------------------------------------------------- runs

alter table run add column parent text;                   -- the run whose `call` step started this one
alter table run add column depth int not null default 0;  -- calls above it
-- ready: a job in the queue stands for it. Only a bounded window of ready runs has one; the row is the truth.
alter table run add column hinted boolean not null default false;
-- Who goes first: earlier is sooner. One level of priority is worth ten minutes of waiting, so that nobody starves.
alter table run add column order_ms bigint generated always as (created_ms - priority::bigint * 600000) stored;
create index run_parent on run (parent) where parent is not null;
create index run_waiting on run (flow, order_ms) where status = 'ready' and not hinted;
create index run_hinted on run (id) where status = 'ready' and hinted;

-- Rows change twice or more in their life: room on the page keeps the change off the indexes.
alter table run set (fillfactor = 70);
-- Each outcome would look up its run a second time for these. Runs are deleted together with what belongs to them.
alter table journal drop constraint journal_run_fkey;
alter table run_log drop constraint run_log_run_fkey;
alter table run drop constraint run_version_fkey;

-- A limit that a run counts against. `holds`: it has its place; false: it waits for one, in the order of `order_ms`;
-- null: neither, it is parked and has given its place back.
alter table run_limit add column holds boolean default false;
alter table run_limit add column per_ms bigint;           -- a rate: `max` starts in any span of so long
alter table run_limit add column order_ms bigint not null default 0;
-- release: a run that waits for people, a time or an event gives its place back and takes it again afterwards
alter table run_limit add column while_waiting text not null default 'hold' check (while_waiting in ('hold', 'release'));
create index run_limit_held on run_limit (key) where holds;
create index run_limit_waiting on run_limit (key, order_ms, run) where not holds;

-- Starts that a rate counts: rows older than the period are deleted when the key is used next.
create table rate_start (
  key text not null,
  at_ms bigint not null,
  what text not null,               -- the run, or the invocation that used a connection
  primary key (key, what)
);
create index rate_start_at on rate_start (key, at_ms);
create index rate_start_age on rate_start (at_ms);

-- Invocations that use a connection now; a place whose runner is gone is free.
create table connection_use (
  connection text not null,
  owner text not null,              -- runner
  run text not null,
  invocation text not null,         -- step and element
  at_ms bigint not null,
  primary key (connection, run, invocation)
);

-- ---------------------------------------------------------------- waiting for events

-- Events that `wait: { event: … }` steps may be waiting for; each waiting run looks which one is its own.
create table heard (
  seq bigint generated always as identity primary key,
  flow text not null,
  step text not null,               -- path of the waiting step
  slot text not null unique,        -- the same event twice is one row
  at_ms bigint not null,
  event jsonb not null
);
create index heard_by_step on heard (flow, step, seq);
create index heard_at on heard (at_ms);

-- ---------------------------------------------------------------- memory of flows

create table flow_state (
  flow text not null,
  name text not null,
  value jsonb not null,
  version bigint generated always as identity, -- compare-and-set; another with every change, never the same again
  changed_ms bigint not null,
  primary key (flow, name)
);

-- What a change of the memory answered, by the key of its effect: repeated after a crash, it answers the same.
create table state_change (
  key text primary key,
  run text not null references run on delete cascade,
  output jsonb not null
);
create index state_change_run on state_change (run);

-- ---------------------------------------------------------------- retention: the oldest first, without a scan

create index slot_created on slot (created_ms);
create index decision_at on decision (at_ms);
create index outbox_ticket on outbox (ticket);
