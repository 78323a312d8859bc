// The control socket: commands of this machine's account to the running runner, one JSON line each way.

import { chmod, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { requestCharactersMax, tooLarge } from './call.ts'
import { listings } from './listings.ts'
import { retry } from './retry.ts'
import { type ControlParts, type Verb, verbs } from './verbs.ts'
import { Failure, Stop } from '../model/error.ts'
import type { JsonObject } from '../model/json.ts'

const answerMsMax = 60_000

export interface ControlSocket {
  close(): Promise<void>
}

/** Listens with mode 0600 in a folder of mode 0700: only this account, and root, can speak to it. */
export async function listenControl(path: string, parts: ControlParts): Promise<ControlSocket> {
  // The lock of the data folder is held, so a socket that lies here belongs to nobody.
  await rm(path, { force: true })
  const server = createServer((connection) => serve(connection, parts))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
  return {
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function serve(connection: Socket, parts: ControlParts): void {
  let text = ''
  connection.setEncoding('utf8')
  connection.setTimeout(answerMsMax, () => connection.destroy())
  connection.on('error', () => connection.destroy())
  connection.on('data', (chunk: string) => {
    text += chunk
    const over = text.length > requestCharactersMax
    const end = text.indexOf('\n')
    if (end === -1 && !over) return
    const line = text.slice(0, end)
    text = ''
    connection.removeAllListeners('data')
    if (over) refuse(connection)
    else void handle(line, parts).then((reply) => connection.end(reply))
  })
}

/** Whoever goes on sending is not listened to. */
function refuse(connection: Socket): void {
  connection.end(`${JSON.stringify({ error: errorOf(tooLarge()) })}\n`, () => connection.destroy())
}

/** The reply as a line; never rejects. */
async function handle(line: string, parts: ControlParts): Promise<string> {
  try {
    const request = JSON.parse(line) as JsonObject
    const name = typeof request['verb'] === 'string' ? request['verb'] : ''
    const verb = verbNamed(name)
    if (verb === undefined) throw new Stop(2, `the runner knows no ${name}`, 'is it older than this command?')
    return `${JSON.stringify({ ok: await verb(parts, request) })}\n`
  } catch (error) {
    return `${JSON.stringify({ error: errorOf(error) })}\n`
  }
}

/** The verb of a request, acting or listing; undefined when this version knows none of that name. */
export function verbNamed(name: string): Verb | undefined {
  if (name === 'retry') return retry
  if (Object.hasOwn(verbs, name)) return verbs[name]
  return Object.hasOwn(listings, name) ? listings[name] : undefined
}

/** An error as it crosses the socket. */
function errorOf(error: unknown): JsonObject {
  if (error instanceof Stop) return { message: error.message, remedy: error.remedy, exit: error.exitCode }
  if (error instanceof Failure) return { message: error.message, remedy: error.remedy ?? '', exit: 3 }
  return {
    message: error instanceof Error ? error.message : String(error),
    remedy: 'look at the log of the runner',
    exit: 3,
  }
}
