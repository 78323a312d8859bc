// Comments as people, machines and tricksters write them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commandOf, commentCharactersMax } from '../../runner/approval/command.ts'

const code = '0123456789ab'
const approve = { is: 'command', command: { is: 'approve', code } }
const fence = '```'

test('the plain forms are read', () => {
  assert.deepEqual(commandOf(`/approve ${code}`), approve)
  assert.deepEqual(commandOf('/reject'), { is: 'command', command: { is: 'reject', reason: '' } })
  assert.deepEqual(commandOf('/reject too  risky '), {
    is: 'command',
    command: { is: 'reject', reason: 'too  risky' },
  })
  assert.deepEqual(commandOf('/revoke'), { is: 'command', command: { is: 'revoke' } })
  assert.deepEqual(commandOf(`/done ${code}`), { is: 'command', command: { is: 'done', code } })
  const choose = { is: 'choose', code, choice: 'reply_now' }
  assert.deepEqual(commandOf(`/choose ${code} reply_now`), { is: 'command', command: choose })
})

const counts: readonly [string, string][] = [
  ['blank lines before', `\n  \n\t\n/approve ${code}`],
  ['CRLF', `\r\n/approve ${code}\r\nthank you\r\n`],
  ['spaces at the end', `/approve ${code} \t `],
  ['several spaces between', `/approve   ${code}`],
  ['prose below', `/approve ${code}\n\nlooks good, /approve is the word`],
  ['a command in a fence below', `/approve ${code}\n${fence}\n/reject\n${fence}`],
  ['a command in a tilde fence below', `/approve ${code}\n~~~~\n/reject\n~~~\n/reject\n~~~~`],
  ['a command in a quote below', `/approve ${code}\n> /reject`],
  [
    'an e-mail reply',
    `/approve ${code}\n\nOn Mon, 23 Nov 2026 at 09:12, Runner wrote:\n/approve 999999999999\n`,
  ],
  ['an Outlook tail', `/approve ${code}\r\n\r\n-----Original Message-----\r\n/reject\r\n`],
  ['a signature', `/approve ${code}\n-- \n/reject`],
  [
    'a longer fence that holds a shorter one',
    `/approve ${code}\n${fence}\`\n${fence}\n/reject\n${fence}\`\n`,
  ],
  ['a word that only begins like a command', `/approve ${code}\n/approved it`],
]
for (const [name, text] of counts)
  test(`${name} is harmless`, () => assert.deepEqual(commandOf(text), approve))

const nothing: readonly [string, string][] = [
  ['an empty comment', ''],
  ['only blank lines', ' \n\t\n\r\n'],
  ['a command on the second line', `yes\n/approve ${code}`],
  ['a command in a fence', `${fence}\n/approve ${code}\n${fence}`],
  ['a command in a quote', `> /approve ${code}`],
  ['a command in code', `\`/approve ${code}\``],
  ['an indented command', `    /approve ${code}`],
  ['a command after one space', ` /approve ${code}`],
  ['a list item', `- /approve ${code}`],
  ['another verb', `/approves ${code}`],
  ['a capital verb', `/Approve ${code}`],
  ['a zero-width space before', `\u200b/approve ${code}`],
  ['a byte order mark before', `\ufeff/approve ${code}`],
  ['a no-break space on the line before', `\u00a0\n/approve ${code}`],
  ['a homoglyph in the verb', `/\u0430pprove ${code}`],
  ['a full-width slash', `\uff0fapprove ${code}`],
  ['a right-to-left override', `\u202e/evorppa ${code}`],
  ['a zero-width joiner inside the verb', `/app\u200drove ${code}`],
]
for (const [name, text] of nothing)
  test(`${name} is no command`, () => assert.deepEqual(commandOf(text), { is: 'nothing' }))

const voids: readonly [string, string][] = [
  ['no code', '/approve'],
  ['a short code', '/approve 0123456789a'],
  ['a long code', `/approve ${code}c`],
  ['a capital code', '/approve 0123456789AB'],
  ['two codes', `/approve ${code} ${code}`],
  ['words behind', `/approve ${code} thanks`],
  ['a zero-width space behind the code', `/approve ${code}\u200b`],
  ['a no-break space between', `/approve\u00a0${code}`],
  ['a homoglyph in the code', `/approve 0123456789\u0430b`],
  ['a full-width digit', `/approve \uff10123456789ab`],
  ['a lone carriage return', `/approve ${code}\r/reject`],
  ['a NUL', `/approve ${code}\0`],
  ['a line separator', `/approve ${code}\u2028`],
  ['a second, other command', `/approve ${code}\n/reject`],
  ['the same command twice', `/approve ${code}\n/approve ${code}`],
  ['a second command after CRLF', `/approve ${code}\r\n/reject\r\n`],
  ['a second, indented command', `/approve ${code}\n   /reject`],
  ['a second command after a closed fence', `/approve ${code}\n${fence}\nx\n${fence}\n/reject`],
  ['a second command of a kind not answered here', `/approve ${code}\n/run deploy`],
  ['a reason that hides something', '/reject no\u202eyes'],
  ['a no with a tail glued on by a hidden character', '/reject\u200b'],
  ['a command that is not answered on a ticket', '/undo run1'],
  ['a choice with capitals', `/choose ${code} Reply`],
  ['a choice that is missing', `/choose ${code}`],
]
for (const [name, text] of voids) test(`${name} is void`, () => assert.equal(commandOf(text).is, 'void'))

test('the reason of a no may be in any language', () => {
  assert.deepEqual(commandOf('/reject 너무 위험합니다'), {
    is: 'command',
    command: { is: 'reject', reason: '너무 위험합니다' },
  })
})

test('a comment beyond the limit of GitHub is void', () => {
  const text = `/approve ${code}\n`
  assert.equal(commandOf(text.padEnd(commentCharactersMax, 'x')).is, 'command')
  assert.equal(commandOf(text.padEnd(commentCharactersMax + 1, 'x')).is, 'void')
})

test('no injected text is a command', () => {
  const path = new URL('../fixtures/markdown/injection.json', import.meta.url)
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: string[] }
  for (const text of cases) assert.notEqual(commandOf(text).is, 'command', text.slice(0, 40))
})

test('the longest comment is read within 5 ms, whatever it holds', () => {
  const fillers = [
    `/approve ${code}\n/approve`,
    '`',
    '~\n',
    '\n',
    ' ',
    'On x wrote:\n',
    '> /approve\n',
    '/',
    '\u200b',
    '\r\n',
    '/reject ',
    '-- x\n',
  ]
  for (const filler of fillers)
    for (const head of ['', `/approve ${code}\n`, `/approve ${code}\n${fence}\n`]) {
      const text = (head + filler.repeat(commentCharactersMax)).slice(0, commentCharactersMax)
      commandOf(text)
      const times = Array.from({ length: 20 }, () => {
        // Of this process alone: the machine may be busy with others.
        const begun = process.cpuUsage()
        commandOf(text)
        const { user, system } = process.cpuUsage(begun)
        return (user + system) / 1_000
      })
      assert.ok(Math.min(...times) <= 5, `${JSON.stringify(filler)} took ${Math.min(...times)} ms`)
    }
})
