import assert from 'node:assert/strict'
import { test } from 'node:test'
import { step, uses } from './flows.ts'
import { fitted } from '../../runner/status/chart-graph.ts'
import { directEdges, layoutGraph } from '../../runner/status/graph.ts'

const work = uses('log.record')

test('a line that follows from others is not drawn', () => {
  const steps = [
    step('a', { work }),
    step('b', { work, needs: ['a'] }),
    step('c', { work, needs: ['a', 'b'] }),
  ]
  assert.deepEqual(directEdges(steps), [
    ['a', 'b'],
    ['b', 'c'],
  ])
})

test('needs that name nothing draw nothing', () => {
  assert.deepEqual(directEdges([step('a', { work, needs: ['ghost'] })]), [])
})

test('steps stand below what they need and do not overlap', () => {
  const steps = [step('a', { work }), step('b', { work }), step('c', { work, needs: ['a', 'b'] })]
  const { nodes } = layoutGraph(steps)
  const [a, b, c] = ['a', 'b', 'c'].map((id) => nodes.get(id))
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  assert.ok(c.y > a.y && a.y === b.y && Math.abs(a.x - b.x) >= 200)
  assert.ok(a.x < b.x, 'side by side in the order of the file')
})

test('no steps make an empty picture', () => {
  assert.equal(layoutGraph([]).nodes.size, 0)
})

test('a name too long for its box is cut, earlier when its letters are wide', () => {
  assert.equal(fitted('short', 100, 7), 'short')
  assert.equal(fitted('a'.repeat(40), 100, 7).length, 15)
  assert.ok(fitted('가'.repeat(40), 100, 7).length < 10)
})
