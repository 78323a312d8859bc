// Real programs of this machine, in a real folder.

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Command } from '../../runner/model/action.ts'
import { createCommands } from '../../runner/world/commands.ts'

export function machine(t: TestContext) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'watchbill-commands-')))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'data'))
  const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`
  const commands = createCommands({ root, path, forbidden: [join(root, 'data')], graceMs: 300 })
  const lines: string[] = []
  const run = (argv: readonly string[], more: Partial<Command> = {}, signal = new AbortController().signal) =>
    commands.run({ ...plain, argv, ...more }, signal, (line) => lines.push(line))
  /** Runs JavaScript in a real process of Node. */
  const script = (source: string, more: Partial<Command> = {}, signal?: AbortSignal) =>
    run(['node', '-e', source], more, signal)
  return { root, at: (name: string) => join(root, name), lines, run, script }
}

const plain: Omit<Command, 'argv'> = {
  environment: {},
  cwd: null,
  stdin: null,
  timeoutMs: 20_000,
  outputBytesMax: 65_536,
}

/** Whether a process lives; one that has ended and was not collected yet does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
