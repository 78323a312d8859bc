// The runner's own key for webhooks that name no secret: made once, kept in the store, readable in the data folder.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../store/database.ts'
import { keepMeta } from '../store/meta.ts'
import type { Random } from '../world/random.ts'

const keyBytes = 24

export function hookKeyFile(dataFolder: string): string {
  return join(dataFolder, 'hook.key')
}

export async function keepHookKey(database: Database, random: Random, dataFolder: string): Promise<string> {
  const fresh = Buffer.from(random.bytes(keyBytes)).toString('base64url')
  const key = await keepMeta(database, 'hook_key', fresh)
  if (typeof key !== 'string') throw new Error('the hook key in the store is no text')
  await writeFile(hookKeyFile(dataFolder), `${key}\n`, { mode: 0o600 })
  return key
}
