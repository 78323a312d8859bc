// A real runner at whose doors stands what it cannot take: it says so, and the next one in the row is served.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { aCheckout } from '../scenario/a-checkout.ts'
import {
  command,
  environmentOf,
  eventually,
  type Ran,
  type RunnerProcess,
  startProcess,
} from '../scenario/a-process.ts'
import { freshLocation, type Location } from '../store/bring.ts'

const flood = 'while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done'
const suicide = 'kill -9 $$'

const policy = `apiVersion: watchbill/v1
kind: Policy
name: policy
approvals: { approvers: ["@ana"], self: true }
allow:
  - { flow: flood, uses: shell.run, commands: [[sh, "-c", "${flood}"]], lower_to: low }
  - { flow: crash, uses: shell.run, commands: [[sh, "-c", "${suicide}"]], lower_to: low }
`

function shellFlow(name: string, script: string): string {
  return `apiVersion: watchbill/v1
kind: Flow
name: ${name}
description: Runs a program that misbehaves.
steps:
  - id: act
    uses: shell.run
    timeout: 5s
    with: { command: [sh, "-c", "${script}"], repetition: read }
`
}

const hook = `apiVersion: watchbill/v1
kind: Flow
name: hook
description: Takes what comes.
inputs: { text: { type: string, default: "" } }
on:
  in:
    webhook: {}
steps:
  - id: note
    uses: log.record
    with: { message: fine }
`

interface Setup {
  readonly runner: RunnerProcess
  readonly location: Location
  run(flow: string, ...more: string[]): Promise<Ran>
  post(body: string | Uint8Array): Promise<number>
}

async function setup(t: TestContext): Promise<Setup> {
  const checkout = aCheckout(t, {
    'flows/policy.yaml': policy,
    'flows/flood.yaml': shellFlow('flood', flood),
    'flows/crash.yaml': shellFlow('crash', suicide),
    'flows/hook.yaml': hook,
  })
  const location = await freshLocation('pglite', t)
  const environment = environmentOf(location)
  const runner = await startProcess(t, environment, checkout.folder)
  const key = readFileSync(join(location.dataFolder, 'hook.key'), 'utf8').trim()
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  await eventually(async () => {
    const { items } = await runner.get<{ items: unknown[] }>('/api/v1/flows')
    return items.length === 3 ? true : null
  }, runner.output)
  return {
    runner,
    location,
    run: (flow, ...more) => command(environment, checkout.folder, 'run', flow, ...more),
    post: async (body) => {
      const sent = fetch(`${runner.hooks}/hooks/hook/in`, { method: 'POST', headers, body: body as string })
      return sent.then(async (answer) => (await answer.arrayBuffer(), answer.status))
    },
  }
}

test('a runner at whose doors stands what it cannot take', async (t) => {
  const { runner, location, run, post } = await setup(t)
  /** Alive, and a neighbour ends well. */
  const lives = async (): Promise<void> => {
    const neighbour = await run('hook', '--json')
    assert.equal(neighbour.code, 0, `${neighbour.stderr}\n${runner.output()}`)
    const shown = JSON.parse(neighbour.stdout) as { readonly run: { readonly status: string } }
    assert.equal(shown.run.status, 'succeeded')
  }

  await t.test('refuses 100 MB at its webhook', async () => {
    // Refused while it is still being sent: either the answer or the closed connection is seen.
    const status = await post(`"${'x'.repeat(100_000_000)}"`).catch(() => 413)
    assert.equal(status, 413)
    await lives()
  })

  for (const [name, body] of Object.entries({
    NUL: '{"text": "\\u0000"}',
    'half a surrogate pair': '{"text": "\\ud83d"}',
    'a raw NUL': '{"text": "\0"}',
    'broken UTF-8': Buffer.from([0x22, 0xff, 0xfe, 0x22]),
  })) {
    await t.test(`refuses ${name} at its webhook`, async () => {
      assert.equal(await post(body), 400)
      await lives()
    })
  }

  await t.test('refuses an event of 100 MB that a command brings', async () => {
    const file = join(location.dataFolder, 'large.json')
    writeFileSync(file, JSON.stringify({ text: 'x'.repeat(100_000_000) }))
    const ran = await run('hook', '--event', file)
    assert.equal(ran.code, 1, ran.stderr)
    assert.match(ran.stderr, /at most 1048576 characters/)
    await lives()
  })

  await t.test('refuses a request of 100 MB at its control socket', async () => {
    const reply = await new Promise<string>((resolve) => {
      let text = ''
      const connection = createConnection(join(location.dataFolder, 'control.sock'))
      connection.on('data', (chunk) => (text += chunk.toString()))
      connection.on('error', () => {})
      connection.on('close', () => resolve(text))
      connection.write('x'.repeat(100_000_000))
    })
    // The answer may be lost with the connection, never the runner.
    if (reply !== '') assert.match(reply, /at most 1048576 characters/)
    await lives()
  })

  for (const [name, value] of Object.entries({ NUL: 'a\0b', 'half a surrogate pair': 'a\ud83d' })) {
    await t.test(`refuses an event with ${name} that a command brings`, async () => {
      const file = join(location.dataFolder, 'bad.json')
      writeFileSync(file, JSON.stringify({ text: value }))
      const ran = await run('hook', '--event', file)
      assert.equal(ran.code, 1, ran.stderr)
      assert.match(ran.stderr, /the inputs cannot be taken/)
      await lives()
    })
  }

  await t.test('ends a program that floods its output, and fails its run', async () => {
    const [ran] = await Promise.all([run('flood'), lives()])
    assert.equal(ran.code, 1, ran.stdout)
    await lives()
  })

  await t.test('fails the run of a program that kills itself', async () => {
    const [ran] = await Promise.all([run('crash'), lives()])
    assert.equal(ran.code, 1, ran.stdout)
    await lives()
  })
})
