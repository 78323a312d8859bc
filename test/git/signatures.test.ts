import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { following, type Following } from './following.ts'
import { freshFolder } from './scratch.ts'

interface Signed extends Following {
  /** Commits a change, signed with this key, or by nobody. */
  change(name: string, key: string | null): void
  readonly ana: string
  readonly eve: string
}

async function setup(t: TestContext): Promise<Signed> {
  const keys = freshFolder(t)
  const key = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(keys, name)])
    return join(keys, name)
  }
  const [ana, eve] = [key('ana'), key('eve')]
  const signers = join(keys, 'signers')
  writeFileSync(signers, `ana@example.com namespaces="git" ${readFileSync(`${ana}.pub`, 'utf8')}`)
  const at = await following(t, 'pglite', signers)
  const change = (name: string, signing: string | null): void => {
    writeFileSync(join(at.repo.folder, name), name)
    at.repo.git('add', '--all')
    const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'gpg.format=ssh']
    const sign = signing === null ? ['--no-gpg-sign'] : [`--gpg-sign=${signing}`]
    at.repo.git(...who, 'commit', '--quiet', '--message', name, ...sign)
  }
  return Object.assign(at, { change, ana, eve })
}

test('a commit signed by somebody in the list is applied', async (t) => {
  const at = await setup(t)
  at.change('one', at.ana)
  assert.equal((await at.look()).head.condition.is, 'following')
})

test('an unsigned commit is refused, and what was in force stays', async (t) => {
  const at = await setup(t)
  at.change('one', at.ana)
  const before = (await at.look()).head.commit
  at.change('two', null)
  const { head } = await at.look()
  assert.equal(head.condition.is, 'refused')
  assert.equal(head.commit, before)
})

test('a good signature of somebody unknown is refused', async (t) => {
  const at = await setup(t)
  at.change('one', at.eve)
  assert.equal((await at.look()).head.condition.is, 'refused')
})

test('an unsigned commit below a signed one is refused, too', async (t) => {
  const at = await setup(t)
  at.change('one', at.ana)
  await at.look()
  at.change('two', null)
  at.change('three', at.ana)
  assert.equal((await at.look()).head.condition.is, 'refused')
})
