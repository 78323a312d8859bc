import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aCheckout } from '../scenario/a-checkout.ts'
import { command, environmentOf } from '../scenario/a-process.ts'
import { danger, policy, steps } from '../scenario/texts.ts'
import { freshLocation } from '../store/bring.ts'

test('without a runner, commands open the store themselves and a run is run here', async (t) => {
  const files = { 'flows/policy.yaml': policy, 'flows/danger.yaml': danger, 'flows/steps.yaml': steps }
  const { folder } = aCheckout(t, files)
  const environment = environmentOf(await freshLocation('pglite', t))
  const ran = await command(environment, folder, 'run', 'danger', '--json')
  assert.equal(ran.code, 0, ran.stderr)
  const { run } = JSON.parse(ran.stdout) as { run: { id: string; status: string } }
  assert.equal(run.status, 'parked')
  const rejected = await command(
    environment,
    folder,
    'reject',
    codeOf((await command(environment, folder, 'approvals', '--json')).stdout),
  )
  assert.equal(rejected.code, 0, rejected.stderr)
  const shown = await command(environment, folder, 'show', run.id.slice(-6))
  assert.match(shown.stdout, /danger/)
})

test('an unknown flow, run and code are each said in one line with what to do', async (t) => {
  const { folder } = aCheckout(t, { 'flows/policy.yaml': policy, 'flows/danger.yaml': danger })
  const environment = environmentOf(await freshLocation('pglite', t))
  for (const args of [
    ['run', 'dangerr'],
    ['show', 'zzzzzz'],
    ['approve', '0123456789ab'],
    ['cancel', 'zzzzzz'],
  ]) {
    const ran = await command(environment, folder, ...args)
    assert.equal(ran.code, 1, `${args.join(' ')}: ${ran.stderr}`)
    assert.match(ran.stderr.trim(), /^[^\n]+ — [^\n]+$/)
  }
})

function codeOf(listing: string): string {
  return (JSON.parse(listing) as { items: { code: string }[] }).items[0]?.code ?? ''
}
