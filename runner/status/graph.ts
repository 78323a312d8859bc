// Where the steps of a flow stand in its picture: laid out by dagre, top down. Pure.

import { Graph, layout } from '@dagrejs/dagre'
import type { Step } from '../model/flow.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Picture {
  readonly width: number
  readonly height: number
  /** Centre of each node by step id. */
  readonly nodes: ReadonlyMap<string, Point>
  readonly edges: readonly { readonly from: string; readonly to: string; readonly points: readonly Point[] }[]
}

export const nodeSize = { width: 204, height: 52 } as const
const margin = 6

/** Steps beyond this are told as a number below the picture. */
export const graphStepsMax = 80

type Placed = Pick<Step, 'id' | 'needs'>

export function layoutGraph(steps: readonly Placed[]): Picture {
  const graph = new Graph<
    object,
    { width: number; height: number; x?: number; y?: number },
    { points?: Point[] }
  >()
  graph.setGraph({ rankdir: 'TB', nodesep: 14, ranksep: 28, marginx: margin, marginy: margin })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const step of steps) graph.setNode(step.id, { ...nodeSize })
  const lines = directEdges(steps)
  for (const [from, to] of lines) graph.setEdge(from, to, {})
  // Keeps steps that stand side by side in the order in which they are written.
  layout(graph, { disableOptimalOrderHeuristic: true })
  const nodes = new Map(steps.map((step) => [step.id, pointOf(graph.node(step.id))]))
  const edges = lines.map(([from, to]) => ({ from, to, points: graph.edge(from, to).points ?? [] }))
  const size = graph.graph() as { readonly width?: number; readonly height?: number }
  return { width: size.width ?? nodeSize.width, height: size.height ?? nodeSize.height, nodes, edges }
}

function pointOf(node: { readonly x?: number; readonly y?: number }): Point {
  return { x: node.x ?? 0, y: node.y ?? 0 }
}

/** Without the edges that follow from others: a step that comes after b, which comes after a, needs no line to a. */
export function directEdges(steps: readonly Placed[]): readonly (readonly [string, string])[] {
  const before = new Map<string, ReadonlySet<string>>()
  for (const step of steps) {
    const all = new Set<string>()
    for (const need of step.needs) {
      if (!before.has(need)) continue
      all.add(need)
      for (const earlier of before.get(need) ?? []) all.add(earlier)
    }
    before.set(step.id, all)
  }
  return steps.flatMap((step) => {
    const needs = step.needs.filter((need) => before.has(need))
    const implied = new Set(needs.flatMap((need) => [...(before.get(need) ?? [])]))
    return needs.filter((need) => !implied.has(need)).map((need) => [need, step.id] as const)
  })
}
