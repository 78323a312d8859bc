// One Git process: through simple-git where text comes back, as bytes where paths and contents do.

import { spawn } from 'node:child_process'
import { simpleGit } from 'simple-git'
import type { Clock } from '../world/clock.ts'

/** Git ended with something else than 0. Turned into a `Failure` by whoever knows what was attempted. */
export class GitExit extends Error {
  /** Null when it could not be started or was killed. */
  readonly exitCode: number | null
  readonly said: string
  /** `output`: more than the limit. `missing`: there is no program called git. */
  readonly why: 'exit' | 'timeout' | 'output' | 'missing'

  constructor(why: GitExit['why'], exitCode: number | null, said: string) {
    super(`git: ${why} ${exitCode ?? ''} ${said.slice(0, 200)}`)
    this.name = 'GitExit'
    this.why = why
    this.exitCode = exitCode
    this.said = said
  }
}

export interface GitCall {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** An existing folder. */
  readonly folder: string
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Runs Git and gives its stdout as text. Throws `GitExit`. */
export async function gitText(call: GitCall): Promise<string> {
  const controller = new AbortController()
  const cancel = call.clock.after(call.timeoutMs, () => controller.abort())
  // simple-git passes on only the text of an error, so what happened is kept here.
  let exit: GitExit | null = null
  const git = simpleGit({
    baseDir: call.folder,
    abort: controller.signal,
    allowEnvironment: Object.keys(call.environment),
    // simple-git guards against settings that came from others; these are all our own, in `environment.ts`.
    unsafe: { allowUnsafeConfigPaths: true, allowUnsafeConfigEnvCount: true, allowUnsafeSshCommand: true },
    errors: (error, result) => {
      if (error === undefined && result.exitCode === 0) return undefined
      exit = exitOf(result.exitCode, Buffer.concat(result.stdErr).toString())
      return exit
    },
  }).env({ ...call.environment })
  try {
    return await git.raw([...call.args])
  } catch (thrown) {
    if (controller.signal.aborted) throw new GitExit('timeout', null, 'it took too long')
    throw exit ?? thrown
  } finally {
    cancel()
  }
}

/** A negative exit code is simple-git's way to say that the program could not be started. */
function exitOf(exitCode: number, said: string): GitExit {
  return exitCode < 0 ? new GitExit('missing', null, said) : new GitExit('exit', exitCode, said)
}

export interface GitBytesCall extends GitCall {
  readonly input: string
  readonly outputBytesMax: number
  /** What more output than that means: `cut` gives the first bytes. */
  readonly beyond: 'fail' | 'cut'
}

/** Runs Git and gives its stdout as bytes; ends it when there are more than `outputBytesMax`. Throws `GitExit`. */
export function gitBytes(call: GitBytesCall): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', call.args, {
      cwd: call.folder,
      env: call.environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    let bytes = 0
    let said = ''
    let ended: GitExit['why'] = 'exit'
    const end = (why: GitExit['why']): void => {
      ended = why
      child.kill('SIGKILL')
    }
    const cancel = call.clock.after(call.timeoutMs, () => end('timeout'))
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > call.outputBytesMax) end('output')
      else out.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 4_096) said += chunk.toString()
    })
    // It may end before it has read everything; its exit code says why.
    child.stdin.on('error', () => {})
    child.once('error', (error) => {
      cancel()
      reject(new GitExit('missing', null, error.message))
    })
    child.once('close', (code) => {
      cancel()
      if ((ended === 'exit' && code === 0) || (ended === 'output' && call.beyond === 'cut'))
        resolve(Buffer.concat(out))
      else reject(new GitExit(ended, code, said))
    })
    child.stdin.end(call.input)
  })
}
