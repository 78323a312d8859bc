// A flow as boxes and lines, with the states of a run in it, and the same as a list of words.

import type { Context } from './context.ts'
import { graphStepsMax, layoutGraph, nodeSize, type Picture, type Point } from './graph.ts'
import { type Html, html } from './html.ts'
import { colourOf, icon, type Mark } from './mark.ts'
import { stepWords, workWords } from './step-words.ts'
import type { Step } from '../model/flow.ts'

export interface Graphed {
  readonly id: string
  readonly label: string
  readonly steps: readonly Step[]
  /** State of each step by path; null when no run is meant. */
  readonly marks: ReadonlyMap<string, Mark> | null
}

export function graphChart(context: Context, graphed: Graphed): Html {
  const shown = graphed.steps.slice(0, graphStepsMax)
  const picture = layoutGraph(shown)
  const { width, height } = picture
  const words = shown.map((step) => {
    const mark = graphed.marks?.get(step.path)
    const state = mark === undefined ? '' : ` — ${context.text.marks[mark]}`
    return html`<li><b>${step.name}</b>: ${stepWords(context, step)}${state}</li>`
  })
  const more = graphed.steps.length - shown.length
  return html`<div class="graph" role="group" aria-label="${graphed.label}" tabindex="0">
      <svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true">
        ${picture.edges.map((edge) => html`<path class="edge" d="${curve(edge.points)}" />`)}
        ${shown.map((step) => node(context, { step, picture, mark: graphed.marks?.get(step.path) ?? null }))}
      </svg>
    </div>
    ${more > 0 && html`<p class="dim">${context.text.run.moreLanes(more)}</p>`}
    <details class="alternative" id="${graphed.id}-words">
      <summary>${context.text.asText}</summary>
      <ol>
        ${words}
      </ol>
    </details>`
}

interface Drawn {
  readonly step: Step
  readonly picture: Picture
  readonly mark: Mark | null
}

function node(context: Context, { step, picture, mark }: Drawn): Html {
  const { x, y } = picture.nodes.get(step.id) ?? { x: 0, y: 0 }
  const left = x - nodeSize.width / 2
  const top = y - nodeSize.height / 2
  const colour = mark === null ? '' : ` ${colourOf(mark)}`
  const room = nodeSize.width - (mark === null ? 28 : 46)
  return html`<g
    class="node${colour}${step.when !== null && ' maybe'}"
    transform="translate(${rounded(left)} ${rounded(top)})"
  >
    <title>${step.name}: ${stepWords(context, step)}</title>
    ${step.each !== null && html`<rect class="behind" x="5" y="-5" width="${nodeSize.width}" height="${nodeSize.height}" rx="7" />`}
    <rect class="box" width="${nodeSize.width}" height="${nodeSize.height}" rx="7" />
    <rect class="edge-mark ${step.work.is}" width="4" height="${nodeSize.height - 16}" x="8" y="8" rx="2" />
    <text class="title" x="20" y="22">${fitted(step.name, room, 7.4)}</text>
    <text class="sub" x="20" y="39">${fitted(workWords(context, step.work), nodeSize.width - 30, 6.3)}</text>
    ${mark !== null && html`<svg x="${nodeSize.width - 25}" y="8" width="17" height="17">${icon(mark)}</svg>`}
  </g>`
}

/** Text cut to a width that is estimated: letters of scripts without spaces are about twice as wide. */
export function fitted(text: string, width: number, letter: number): string {
  let used = 0
  let fits = ''
  for (const character of text) {
    used += /[\u1100-\u11FF\u2E80-\uD7AF\uF900-\uFAFF\uFF00-\uFF60]/.test(character) ? letter * 1.75 : letter
    if (used > width) return `${fits.trimEnd()}…`
    fits += character
  }
  return fits
}

/** A line through the points whose corners are round. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points
  const last = rest.at(-1)
  if (first === undefined || last === undefined) return ''
  let path = `M${spot(first)}`
  for (let index = 0; index < rest.length - 1; index++) {
    const here = rest[index] ?? last
    const next = rest[index + 1] ?? last
    const middle = index === rest.length - 2 ? last : { x: (here.x + next.x) / 2, y: (here.y + next.y) / 2 }
    path += `Q${spot(here)} ${spot(middle)}`
  }
  return rest.length === 1 ? `${path}L${spot(last)}` : path
}

const spot = (point: Point): string => `${rounded(point.x)} ${rounded(point.y)}`

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
