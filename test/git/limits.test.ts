// Each limit on what a commit may hold, at its edge.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  filesMax,
  folderBytesMax,
  otherBytesMax,
  pathBytesMax,
  yamlBytesMax,
} from '../../runner/git/limits.ts'
import { Failure } from '../../runner/model/error.ts'
import { follow, readHead, scratch } from './scratch.ts'

const isRefused = (thrown: unknown): boolean => thrown instanceof Failure && thrown.kind === 'refused'

test('a path of exactly the limit is read, one byte more is refused', async (t) => {
  const repo = scratch(t)
  const name = (bytes: number) => 'n'.repeat(bytes - 5) + '.yaml'
  const folders = 'd'
    .repeat(pathBytesMax - 201)
    .match(/.{1,200}/g)!
    .map((part) => part.replace(/.$/, '/'))
    .join('')
  const rest = pathBytesMax - folders.length
  const nest = (path: string, leaf: Record<string, string>): Record<string, never> =>
    path
      .split('/')
      .filter(Boolean)
      .reduceRight<object>((inner, part) => ({ [part]: inner }), leaf) as Record<string, never>
  repo.commit({ flows: nest(folders, { [name(rest)]: 'x', [name(rest + 1)]: 'x' }) })
  const found = await readHead(follow(t, repo.folder))
  assert.deepEqual(
    [...found.text.keys()].map((path) => path.length),
    [pathBytesMax],
  )
  assert.equal(found.refused.length, 1)
})

test('a file of exactly the limit is read, one byte more is refused', async (t) => {
  const repo = scratch(t)
  const files = {
    'a.yaml': 'x'.repeat(yamlBytesMax),
    'b.yaml': 'x'.repeat(yamlBytesMax + 1),
    'c.md': 'x'.repeat(otherBytesMax),
    'd.md': 'x'.repeat(otherBytesMax + 1),
  }
  repo.commit({ flows: files })
  const found = await readHead(follow(t, repo.folder))
  assert.deepEqual([...found.text.keys()], ['a.yaml', 'c.md'])
  assert.deepEqual(found.refused, ['b.yaml: file-too-large', 'd.md: file-too-large'])
})

test('a folder with more files than the limit is refused as a whole', async (t) => {
  const repo = scratch(t)
  const object = repo.git('rev-parse', `${repo.tree({ x: 'x' })}:x`)
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}.md`, { mode: '100644', object }]))
  repo.commit({ flows: many(filesMax) })
  const repository = follow(t, repo.folder)
  assert.equal((await readHead(repository)).text.size, filesMax)
  repo.commit({ flows: many(filesMax + 1) })
  await assert.rejects(readHead(repository), isRefused)
})

test('a tree that unfolds to billions of paths is refused in time', async (t) => {
  const repo = scratch(t)
  let object = repo.tree({ 'a.yaml': 'x' })
  for (let level = 0; level < 9; level++)
    object = repo.tree(
      Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`d${i}`, { mode: '40000', object }])),
    )
  repo.commit({ flows: { mode: '40000', object } })
  await assert.rejects(readHead(follow(t, repo.folder)), isRefused)
})

test('files of exactly the limit together are read, one byte more is refused', async (t) => {
  const repo = scratch(t)
  const count = folderBytesMax / otherBytesMax
  const files = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${i}.md`, String(i).padEnd(otherBytesMax, '.')]),
  )
  repo.commit({ flows: files })
  const repository = follow(t, repo.folder)
  assert.equal((await readHead(repository)).text.size, count)
  repo.commit({ flows: { ...files, 'more.md': 'x' } })
  await assert.rejects(readHead(repository), isRefused)
})
