// Builds the parts of a runner out of the settings. `start` adds loops and servers; a command uses the parts alone.

import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { actions } from '../../actions/index.ts'
import { assess } from '../approval/risk.ts'
import { createTickets } from '../approval/tickets.ts'
import type { ControlParts } from '../control/verbs.ts'
import { createDecider } from '../decision/decide.ts'
import { createDuties, type Duties } from './duties.ts'
import { createFollowing, type Following } from './following.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import { createGitHub, type GitHub } from '../github/client.ts'
import type { Head } from '../model/head.ts'
import { newId } from '../model/id.ts'
import { createAdmit, type Admit } from '../run/admit.ts'
import type { Engine } from '../run/engine.ts'
import { createVersions } from '../run/versions.ts'
import { createWorker, type Worker } from '../run/worker.ts'
import type { Database } from '../store/database.ts'
import { migrate, type Schema } from '../store/migrate.ts'
import { openDatabase } from '../store/open.ts'
import { createOutcomes } from '../store/outcomes.ts'
import { pgbossQueue } from '../store/queue-pgboss.ts'
import type { Queue } from '../store/queue.ts'
import { tell } from './schema-watch.ts'
import { createStop, type StopSwitch } from './stop-switch.ts'
import { createSurroundings, type Surroundings } from './surroundings.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import { createMetrics } from '../world/metrics.ts'
import type { Random } from '../world/random.ts'
import type { Settings } from '../world/settings.ts'

export interface AssembleOptions {
  readonly settings: Settings
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** `runner`: takes runs. `command`: only looks and asks; what it starts, a runner takes. */
  readonly purpose: 'runner' | 'command'
}

export interface Assembled {
  readonly id: string
  /** Of the store, as it was at the start. */
  readonly schema: Schema
  readonly database: Database
  readonly queue: Queue
  readonly engine: Engine
  readonly worker: Worker
  readonly repository: Repository
  readonly following: Following
  readonly surroundings: Surroundings
  readonly github: GitHub | null
  readonly stop: StopSwitch
  readonly duties: Duties
  readonly control: ControlParts
  /** Calls for everything that changed, for the page. */
  onChange(call: (topic: string, id: string) => void): void
  /** Ends the queue and the store; whoever uses the worker drains it before. */
  close(): Promise<void>
}

/** More than a minute with the pauses between: a restart or a failover of the database costs no run its holder. */
const outcomeRetriesMax = 18

export async function assemble(options: AssembleOptions): Promise<Assembled> {
  const { settings, clock, random, log } = options
  const dataFolder = resolve(settings.dataFolder)
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const database = await openDatabase({ databaseUrl: settings.databaseUrl, dataFolder, log })
  try {
    const schema = await migrate(database, clock.now())
    if (schema.beyond.length > 0) tell(log, schema.beyond, schema.foreign)
    const queue = pgbossQueue(database, { log })
    await queue.start()
    return await connect({
      ...options,
      schema,
      database,
      queue,
      dataFolder,
      id: newId(clock.now(), random.bytes(10)),
    })
  } catch (error) {
    await database.close()
    throw error
  }
}

interface Ground extends AssembleOptions {
  readonly id: string
  readonly schema: Schema
  readonly database: Database
  readonly queue: Queue
  readonly dataFolder: string
}

async function connect(ground: Ground): Promise<Assembled> {
  const { settings, clock, log, database, queue } = ground
  const { token, apiUrl } = settings.github
  const github = token === null ? null : createGitHub({ token, url: apiUrl, clock, log })
  const repository = openRepository(repositoryParts(ground))
  const following = await createFollowing({
    database,
    repository,
    folder: settings.folder,
    signers: settings.signers === null ? null : resolve(settings.signers),
    actions,
    clock,
    log,
  })
  const head = (): Head => following.head()
  const surroundings = createSurroundings({
    ...ground,
    environment: settings.environment,
    root: resolve('.'),
    github: github?.actions ?? null,
    head,
  })
  const stop = await createStop(database)
  const duties = createDuties({ database, clock, owner: ground.id })
  const listeners: ((topic: string, id: string) => void)[] = []
  const changed = (topic: string, id: string): void => listeners.forEach((call) => call(topic, id))
  // A `call` admits a run, and admitting needs the worker of this very engine.
  const late: { admit?: Admit } = {}
  const engine = engineOf(ground, { following, surroundings, stop, github, changed, late })
  const worker = createWorker(engine)
  late.admit = createAdmit(engine, worker)
  const parts = {
    id: ground.id,
    schema: ground.schema,
    database,
    queue,
    engine,
    worker,
    repository,
    following,
    surroundings,
    github,
    stop,
    duties,
  }
  return {
    ...parts,
    control: controlOf(ground, { engine, worker, following, stop, changed }),
    onChange: (call) => void listeners.push(call),
    close: async () => {
      await queue.stop()
      await database.close()
    },
  }
}

interface Controlled {
  readonly engine: Engine
  readonly worker: Worker
  readonly following: Following
  readonly stop: StopSwitch
  readonly changed: (topic: string, id: string) => void
}

function controlOf(ground: Ground, { engine, worker, following, stop, changed }: Controlled): ControlParts {
  return {
    ...ground,
    tickets: engine.tickets,
    admit: (firing) => engine.admit(firing),
    actions: engine.actions,
    flowVersion: (hash) => engine.flowVersion(hash),
    head: () => following.head(),
    accept: (commit, by) => following.accept(commit, by),
    stopChanged: async () => {
      await stop.read()
      worker.hint()
    },
    changed,
  }
}

function repositoryParts({ settings, clock, log, dataFolder }: Ground): Parameters<typeof openRepository>[0] {
  const url = /^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:/.test(settings.repository)
  return {
    source: url ? settings.repository : resolve(settings.repository),
    branch: settings.branch,
    folder: dataFolder,
    environment: settings.environment,
    credentials: null,
    clock,
    log,
  }
}

interface Wiring {
  readonly following: Following
  readonly surroundings: Surroundings
  readonly stop: StopSwitch
  readonly github: GitHub | null
  readonly changed: (topic: string, id: string) => void
  readonly late: { readonly admit?: Admit }
}

function engineOf(ground: Ground, wiring: Wiring): Engine {
  const { id: owner, database, clock, random, log, queue, settings, purpose } = ground
  const { following, surroundings, stop } = wiring
  const parts = { database, queue, clock, random, log }
  const head = (): Head => following.head()
  const { redact } = surroundings
  const versions = createVersions(database, actions, head)
  const notCurrent = 'the policy at the head of the branch is not valid'
  const held = (): string | null =>
    stop.stopped() ? 'everything is stopped' : head().policyOrigin === 'kept' ? notCurrent : null
  const tickets = createTickets({
    ...parts,
    github: wiring.github?.tickets ?? null,
    policy: () => head().policy,
    held,
  })
  return {
    ...parts,
    owner,
    outcomes: createOutcomes({ database, queue }, { retries: outcomeRetriesMax, clock }),
    actions: new Map(actions.map((action) => [action.name, action])),
    decider: createDecider({ ...parts, owner, claude: settings.claude, redact }),
    metrics: createMetrics(),
    tickets,
    assess,
    redact,
    head,
    flowVersion: (hash, untrusted) => versions.flow(hash, untrusted),
    policyVersion: (hash) => versions.policy(hash),
    stopped: () => stop.stopped() || head().policy.suspended,
    draining: () => stop.draining(),
    context: surroundings.context,
    admit: (firing) => {
      if (wiring.late.admit === undefined) throw new Error('nothing is admitted before the worker is there')
      return wiring.late.admit(firing)
    },
    ended: (run, open) => afterEnd({ tickets, run, open, changed: wiring.changed }),
    changed: (run) => wiring.changed('run', run),
    concurrency: purpose === 'runner' ? settings.concurrency : 0,
  }
}

async function afterEnd(end: {
  readonly tickets: Engine['tickets']
  readonly run: string
  readonly open: 'open tickets' | 'no open tickets'
  readonly changed: (topic: string, id: string) => void
}): Promise<void> {
  if (end.open === 'no open tickets') return
  await end.tickets.cancelOf(end.run)
  end.changed('ticket', end.run)
}
