import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Import, importsOf, productFiles } from './imports.ts'
import { packages, type Room, rooms } from './rooms.ts'

const root = join(import.meta.dirname, '..', '..')
const files = productFiles(root)
const imports = files.flatMap((file) => importsOf(root, file))

function roomOf(path: string): Room | undefined {
  return rooms.find((room) => path.startsWith(`${room.path}/`))
}

function strays(among: readonly Import[]): string[] {
  return among.flatMap(({ from, to, ours }) => {
    const room = roomOf(from)
    if (room === undefined || !ours || to.startsWith(`${room.path}/`)) return []
    return room.may.some((other) => to.startsWith(`${other}/`)) ? [] : [`${from} imports ${to}; ${room.why}`]
  })
}

function displaced(among: readonly Import[]): string[] {
  return among.flatMap(({ from, to }) => {
    const homes = packages[to]
    return homes === undefined || homes.some((home) => from.startsWith(home)) ? [] : [`${from} imports ${to}`]
  })
}

test('every import goes where the table of rooms lets it', () => {
  assert.ok(imports.length > 300, 'the imports were found')
  assert.deepEqual(strays(imports), [])
})

test('the guard sees an import that goes the wrong way', () => {
  assert.equal(strays([{ from: 'runner/model/run.ts', to: 'runner/store/runs.ts', ours: true }]).length, 1)
})

test('every package stands only in its room', () => {
  assert.deepEqual(displaced(imports), [])
})

test('the guard sees a package outside its room', () => {
  assert.equal(displaced([{ from: 'runner/run/act.ts', to: 'pg', ours: false }]).length, 1)
})

test('no file has more than 300 lines', () => {
  assert.deepEqual(
    files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 301),
    [],
  )
})

test('imports have no cycle', () => {
  const edges = new Map<string, string[]>()
  for (const { from, to, ours } of imports) if (ours) edges.set(from, [...(edges.get(from) ?? []), to])
  assert.equal(cycleIn(edges), null)
})

/** The first cycle found, as a path; null when there is none. */
function cycleIn(edges: ReadonlyMap<string, readonly string[]>): string | null {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ')
    if (done.has(file)) return null
    path.push(file)
    for (const to of edges.get(file) ?? []) {
      const found = visit(to)
      if (found !== null) return found
    }
    path.pop()
    done.add(file)
    return null
  }
  for (const file of edges.keys()) {
    const found = visit(file)
    if (found !== null) return found
  }
  return null
}

/** Time and randomness come from `world/`, so that a month can be simulated and a crash placed anywhere. */
test('nothing outside world/ and cli/ reads the clock or draws randomness itself', () => {
  const own = /\bnew Date\(\s*\)|\bDate\.now\(|\bMath\.random\(|\bperformance\.now\(/
  const offenders = files.filter(
    (file) =>
      !/^runner\/(world|cli)\//.test(file) &&
      own.test(readFileSync(join(root, file), 'utf8').replaceAll(/\/\/.*$/gm, '')),
  )
  assert.deepEqual(offenders, [])
})
