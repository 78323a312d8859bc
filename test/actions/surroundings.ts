// What the runner hands to an action, with real files, real programs and real HTTP on loopback.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import Ajv2020 from 'ajv/dist/2020.js'
import { actions } from '../../actions/index.ts'
import type { Action, ActionContext } from '../../runner/model/action.ts'
import type { Json, JsonObject } from '../../runner/model/json.ts'
import { createCommands } from '../../runner/world/commands.ts'
import { createFolder } from '../../runner/world/files.ts'
import { createHttp } from '../../runner/world/network.ts'

export function actionNamed(name: string): Action {
  const action = actions.find((one) => one.name === name)
  assert.ok(action, name)
  return action
}

/** The input as the runner completes it: defaults filled in, refused when it does not fit. */
export function completed(action: Action, input: JsonObject): JsonObject {
  const ajv = new Ajv2020.default({ strict: true, useDefaults: true })
  const copy = structuredClone(input)
  const fits = ajv.validate(action.input, copy)
  assert.ok(fits, ajv.errorsText())
  return copy
}

export function surroundings(t: TestContext, more: Partial<ActionContext> = {}) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'watchbill-actions-')))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'out'))
  const lines: string[] = []
  const context: ActionContext = {
    key: 'k'.repeat(40),
    signal: new AbortController().signal,
    http: createHttp(() => ({
      egressHosts: null,
      privateHosts: ['127.0.0.1'],
      secretHosts: { SHOP_TOKEN: ['127.0.0.1'] },
      secret: () => 'shop-value',
    })),
    files: createFolder({ root, read: ['out'], write: ['out'], forbidden: [] }),
    commands: createCommands({
      root,
      path: `${dirname(process.execPath)}:/usr/bin:/bin`,
      forbidden: [],
      graceMs: 300,
    }),
    github: null,
    connections: {},
    memory: forgetful(),
    log: (line) => lines.push(line),
    ...more,
  }
  const run = async (name: string, input: JsonObject): Promise<Json> => {
    const action = actionNamed(name)
    const output = await action.run(completed(action, input), context)
    const ajv = new Ajv2020.default({ strict: true })
    assert.ok(ajv.validate(action.output, output), `${name}: ${ajv.errorsText()}`)
    return output
  }
  return { root, lines, context, run }
}

/** The real memory needs a store; those who test it bring one. */
function forgetful(): ActionContext['memory'] {
  const none = (): never => {
    throw new Error('this test gives actions no memory')
  }
  return { read: none, write: none, append: none, take: none }
}
