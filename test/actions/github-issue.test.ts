// github.issue.create and github.issue.comment: written once, and found again by their marker.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { GitHubCalls, GitHubText } from '../../runner/model/action.ts'
import { Failure } from '../../runner/model/error.ts'
import type { JsonObject } from '../../runner/model/json.ts'
import { actionNamed, completed, surroundings } from './surroundings.ts'

const create = actionNamed('github.issue.create')
const comment = actionNamed('github.issue.comment')
const issueInput = {
  repository: 'acme/ops',
  title: 'Disk is full',
  body: 'Look at it',
  labels: ['ops'],
  assignees: ['ana'],
}
const commentInput = { repository: 'acme/ops', issue: 7, body: 'Done' }

/** A repository as the client of GitHub shows it; an answer can be lost after the write took effect. */
function setup(t: TestContext, answer: 'arrives' | 'is lost' = 'arrives') {
  const texts: GitHubText[] = []
  const wrote: JsonObject[] = []
  const add = (given: { readonly body: string }): GitHubText => {
    const number = texts.length + 1
    const text = {
      number,
      id: `I_${number}`,
      url: `https://github.test/${number}`,
      body: given.body,
      mine: true,
    }
    texts.unshift(text)
    wrote.push({ ...given })
    if (answer === 'is lost') throw new Failure('unavailable', 'GitHub answered 502')
    return text
  }
  const github: GitHubCalls = {
    createIssue: async (issue) => add(issue),
    createComment: async (given) => add(given),
    recentIssues: () => Promise.resolve(texts),
    recentComments: () => Promise.resolve(texts),
  }
  return { texts, wrote, ...surroundings(t, { github }) }
}

test('an issue is opened with everything that was given, and the marker last', async (t) => {
  const { run, wrote, context } = setup(t)
  assert.deepEqual(await run('github.issue.create', issueInput), {
    number: 1,
    id: 'I_1',
    url: 'https://github.test/1',
  })
  assert.deepEqual(wrote, [{ ...issueInput, body: `Look at it\n\n<!-- watchbill:effect:${context.key} -->` }])
})

test('a comment is written under its issue, and the marker last', async (t) => {
  const { run, wrote, context } = setup(t)
  assert.deepEqual(await run('github.issue.comment', commentInput), {
    id: 'I_1',
    url: 'https://github.test/1',
  })
  assert.deepEqual(wrote, [{ ...commentInput, body: `Done\n\n<!-- watchbill:effect:${context.key} -->` }])
})

test('what was written although the answer was lost is found again', async (t) => {
  const { run, context } = setup(t, 'is lost')
  await assert.rejects(run('github.issue.create', issueInput), { kind: 'unavailable', effect: undefined })
  assert.deepEqual(await create.probe?.(completed(create, issueInput), context), {
    happened: true,
    output: { number: 1, id: 'I_1', url: 'https://github.test/1' },
  })
  assert.deepEqual(await comment.probe?.(completed(comment, commentInput), context), {
    happened: true,
    output: { id: 'I_1', url: 'https://github.test/1' },
  })
})

test('of several with the same marker the oldest is the one', async (t) => {
  const { run, context } = setup(t)
  await run('github.issue.create', issueInput)
  await run('github.issue.create', issueInput)
  const probed = await create.probe?.(completed(create, issueInput), context)
  assert.ok(probed?.happened === true && (probed.output as JsonObject)['number'] === 1)
})

for (const [what, text] of Object.entries({
  'of somebody else': { mine: false },
  'in the middle of the text': { body: '<!-- watchbill:effect:KEY --> and more' },
  'of another effect': { body: '<!-- watchbill:effect:another -->' },
}))
  test(`a marker ${what} is not taken for ours`, async (t) => {
    const { texts, context } = setup(t)
    const body = ('body' in text ? text.body : '<!-- watchbill:effect:KEY -->').replace('KEY', context.key)
    texts.push({ number: 1, id: 'I_1', url: '', mine: true, ...text, body })
    assert.deepEqual(await create.probe?.(completed(create, issueInput), context), { happened: false })
  })

test('GitHub may end the text with a line end of its own', async (t) => {
  const { texts, context } = setup(t)
  texts.push({
    number: 1,
    id: 'I_1',
    url: '',
    mine: true,
    body: `x\r\n\r\n<!-- watchbill:effect:${context.key} -->\r\n`,
  })
  assert.equal((await comment.probe?.(completed(comment, commentInput), context))?.happened, true)
})

test('a full list without it leaves open whether it happened', async (t) => {
  const { texts, context } = setup(t)
  for (let i = 0; i < 100; i++) texts.push({ number: i, id: '', url: '', body: '', mine: true })
  assert.deepEqual(await create.probe?.(completed(create, issueInput), context), { happened: 'unknowable' })
})

test('without credentials it is refused, and nothing happened', async (t) => {
  const { run } = surroundings(t)
  await assert.rejects(run('github.issue.create', issueInput), { kind: 'refused', effect: 'none' })
})

for (const repository of [
  'acme',
  'acme/ops/x',
  '../ops',
  'acme/o ps',
  '-acme/ops',
  'acme/ops?x=1',
  'acme/..',
])
  test(`${repository} is no repository`, () => {
    assert.throws(() => completed(create, { ...issueInput, repository }))
  })
