// What actions may reach, built from the policy of the head: network, files, programs, GitHub, the run's log.

import type { GitHubCalls, HttpConnection } from '../model/action.ts'
import type { Head } from '../model/head.ts'
import type { EffectContext, Engine } from '../run/engine.ts'
import type { Database } from '../store/database.ts'
import { createLane } from '../store/lane.ts'
import { createMemory } from '../store/memory.ts'
import { appendLog, type LogLine } from '../store/run-log.ts'
import type { Clock } from '../world/clock.ts'
import { createCommands } from '../world/commands.ts'
import { createFolder } from '../world/files.ts'
import type { Log } from '../world/log.ts'
import { createHttp } from '../world/network.ts'
import { createSecrets, type Secrets } from '../world/secrets.ts'
import { createRedactor } from '../world/redact.ts'
import type { Environment } from '../world/settings.ts'

export interface SurroundingsParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly environment: Environment
  /** Folder that relative paths of actions begin in; absolute. */
  readonly root: string
  /** Absolute; closed to every action. */
  readonly dataFolder: string
  readonly github: GitHubCalls | null
  head(): Head
}

export interface Surroundings {
  readonly context: Engine['context']
  readonly redact: (text: string) => string
  readonly secrets: Secrets
}

const commandGraceMs = 2_000
const linesPerStatementMax = 1_000
const lineCharactersMax = 4_000
const programFolders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function createSurroundings(parts: SurroundingsParts): Surroundings {
  const { environment, root, dataFolder } = parts
  const head = (): Head => parts.head()
  const secrets = createSecrets(environment, () => Object.keys(head().policy.secrets))
  const redact = createRedactor(() => secrets.values())
  const http = createHttp(() => networkRules(head(), secrets))
  const forbidden = [dataFolder]
  const commands = createCommands({
    root,
    path: programPath(environment),
    forbidden,
    graceMs: commandGraceMs,
  })
  const write = logWriter(parts, redact)
  return {
    redact,
    secrets,
    context: (effect) => ({
      key: effect.key,
      signal: effect.signal,
      http,
      commands,
      files: createFolder({ root, ...head().policy.files, forbidden }),
      github: parts.github,
      connections: connectionsOf(head()),
      memory: createMemory(parts, effect),
      log: (line) => write(effect, line),
    }),
  }
}

function networkRules(head: Head, secrets: Secrets): ReturnType<Parameters<typeof createHttp>[0]> {
  const { egress, secrets: named } = head.policy
  return {
    egressHosts: egress.hosts,
    privateHosts: egress.private,
    secretHosts: Object.fromEntries(Object.entries(named).map(([name, { hosts }]) => [name, hosts])),
    secret: (name) => secrets.value(name),
  }
}

function connectionsOf(head: Head): Readonly<Record<string, HttpConnection>> {
  return head.policy.connections
}

/** Only absolute folders: a program is never looked for where a flow may write. */
function programPath(environment: Environment): string {
  const folders = (environment['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'))
  return folders.length === 0 ? programFolders : folders.join(':')
}

/** Lines are written in batches; a run that floods its log is cut line by line, not here. */
function logWriter(
  { database, clock, log }: SurroundingsParts,
  redact: (text: string) => string,
): (effect: EffectContext, line: string) => void {
  const lines = createLane<LogLine, null>(
    async (batch) => {
      await appendLog(database, batch)
      return batch.map(() => null)
    },
    { itemsMax: linesPerStatementMax, retries: 3, clock },
  )
  return ({ run, step }, line) => {
    const clean = redact(line).replaceAll('\0', '\u2400').toWellFormed().slice(0, lineCharactersMax)
    lines.push({ run, step, atMs: clock.now(), line: clean }).catch((error: unknown) => {
      log.warn({ run, step, error }, 'a line of a run could not be kept')
    })
  }
}
