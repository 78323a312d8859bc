// Reaching the runner: over its socket; with DATABASE_URL through the database; without a runner the store itself.

import { hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { callControl, socketPath } from '../../control/call.ts'
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

/** Asks for one verb and gives its answer; throws `Stop` with what to do. */
export async function ask<Answer>(verb: string, request: JsonObject): Promise<Answer> {
  const settings = settingsHere()
  if (settings.databaseUrl === null) {
    const reply = await callControl(socketPath(resolve(settings.dataFolder)), { ...request, verb })
    if (reply !== null) return reply.ok as Answer
  }
  // Only a command that opens the store itself needs all of this.
  const [{ assemble }, { verbNamed }] = await Promise.all([
    import('../../assemble.ts'),
    import('../../control/socket.ts'),
  ])
  const own = await assemble({
    settings,
    clock: systemClock,
    random: systemRandom,
    log: programLog('warn'),
    purpose: 'command',
  })
  try {
    const known = verbNamed(verb)
    if (known === undefined) throw new Stop(2, `there is no verb ${verb}`, 'see --help')
    return (await known(own.control, request)) as Answer
  } finally {
    await own.close()
  }
}
