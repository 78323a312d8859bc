// Speaking to a running runner over its control socket.

import { createConnection } from 'node:net'
import { join } from 'node:path'
import { Stop } from '../model/error.ts'
import type { Json, JsonObject } from '../model/json.ts'

export function socketPath(dataFolder: string): string {
  return join(dataFolder, 'control.sock')
}

/** Longest request, in characters. */
export const requestCharactersMax = 1_048_576

export function tooLarge(): Stop {
  const limit = `a request to the runner has at most ${requestCharactersMax} characters`
  return new Stop(1, limit, 'give less: a large text belongs into a file that the flow reads')
}

/** Whether a runner listens there. */
export function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path)
    connection.on('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.on('error', () => resolve(false))
  })
}

/** Sends one request; null when nobody listens. Throws the `Stop` that the runner answered with. */
export async function callControl(path: string, request: JsonObject): Promise<{ readonly ok: Json } | null> {
  const line = `${JSON.stringify(request)}\n`
  if (line.length > requestCharactersMax) throw tooLarge()
  const reply = await exchange(path, line)
  if (reply === null) return null
  const answer = JSON.parse(reply) as {
    ok?: Json
    error?: { message: string; remedy: string; exit: 1 | 2 | 3 | 4 }
  }
  if (answer.error !== undefined) throw new Stop(answer.error.exit, answer.error.message, answer.error.remedy)
  return { ok: answer.ok ?? null }
}

function exchange(path: string, line: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(path)
    let text = ''
    let connected = false
    connection.setEncoding('utf8')
    connection.on('connect', () => {
      connected = true
      connection.write(line)
    })
    connection.on('data', (chunk: string) => (text += chunk))
    connection.on('error', (error) => (connected ? reject(error) : resolve(null)))
    connection.on('close', () => {
      if (text.includes('\n')) resolve(text)
      else if (connected)
        reject(new Stop(3, 'the runner ended before it answered', 'look at its log; start it again'))
    })
  })
}
