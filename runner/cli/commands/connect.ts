// Reaching the runner: over its socket; with DATABASE_URL through the database; without a runner the store itself.

import { hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { AssembleOptions } from '../../assembly/assemble.ts'
import { callControl, listens, socketPath } from '../../control/call.ts'
import type { ControlParts } from '../../control/verbs.ts'
import { Stop } from '../../model/error.ts'
import type { JsonObject } from '../../model/json.ts'
import { systemClock } from '../../world/clock.ts'
import { systemRandom } from '../../world/random.ts'
import { readSettings, type Settings } from '../../world/settings.ts'
import { programLog } from './log.ts'

/** This machine's account, as the record names it. */
export function account(): string {
  return `local:${userInfo().username}@${hostname()}`
}

export function settingsHere(): Settings {
  return readSettings(process.env)
}

/** A way to ask for verbs, for as long as a command needs it. */
export interface Session {
  /** Throws `Stop` with what to do. */
  ask<Answer>(verb: string, request: JsonObject): Promise<Answer>
  close(): Promise<void>
}

/** @param purpose `look`: somebody else runs what is started. `run`: without a runner, this process does. */
export async function connect(purpose: 'look' | 'run'): Promise<Session> {
  const settings = settingsHere()
  const path = socketPath(resolve(settings.dataFolder))
  if (settings.databaseUrl === null && (await listens(path))) return overSocket(path)
  return ownStore(settings, settings.databaseUrl === null ? purpose : 'look')
}

/** One verb and its answer. */
export async function ask<Answer>(verb: string, request: JsonObject): Promise<Answer> {
  const session = await connect('look')
  try {
    return await session.ask<Answer>(verb, request)
  } finally {
    await session.close()
  }
}

function overSocket(path: string): Session {
  return {
    ask: async <Answer>(verb: string, request: JsonObject) => {
      const reply = await callControl(path, { ...request, verb })
      if (reply === null) throw new Stop(3, 'the runner has ended', 'start it again: watchbill start')
      return reply.ok as Answer
    },
    close: async () => {},
  }
}

async function ownStore(settings: Settings, purpose: 'look' | 'run'): Promise<Session> {
  // Only a command that opens the store itself needs all of this.
  const { verbNamed } = await import('../../control/socket.ts')
  const options = { settings, clock: systemClock, random: systemRandom, log: programLog('warn') }
  const { control, close } = await (purpose === 'run' ? engineHere(options) : partsHere(options))
  return {
    ask: async <Answer>(verb: string, request: JsonObject) => {
      const known = verbNamed(verb)
      if (known === undefined) throw new Stop(2, `there is no verb ${verb}`, 'see --help')
      return (await known(control, request)) as Answer
    },
    close,
  }
}

type Options = Omit<AssembleOptions, 'purpose'>

interface Own {
  readonly control: ControlParts
  readonly close: () => Promise<void>
}

async function engineHere(options: Options): Promise<Own> {
  const { startEngine } = await import('../../start.ts')
  const started = await startEngine(options)
  return { control: started.assembled.control, close: () => started.stop() }
}

async function partsHere(options: Options): Promise<Own> {
  const { assemble } = await import('../../assembly/assemble.ts')
  const assembled = await assemble({ ...options, purpose: 'command' })
  return { control: assembled.control, close: () => assembled.close() }
}
