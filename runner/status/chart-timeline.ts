// A run as bars over time, a lane per step; the same figures stand in a table below.

import type { Context } from './context.ts'
import { duration, instant, shortDuration } from './format.ts'
import { type Html, html } from './html.ts'
import { badge, colourOf, sign } from './mark.ts'
import { scaleOf, type Scale } from './scale.ts'
import type { Lane, Span, Timed } from './timeline.ts'

/** Lanes beyond this are told as a number. */
export const lanesMax = 40

export function timelineChart(context: Context, lanes: readonly Lane[], run: Timed): Html {
  const { text } = context
  const spans = lanes.flatMap((lane) => lane.spans)
  const fromMs = spans.reduce((least, span) => Math.min(least, span.fromMs), run.startedMs)
  const busy = spans.filter((span) => span.kind === 'work')
  const scale = scaleOf({ fromMs, toMs: Math.max(run.untilMs, fromMs + 1) }, busy)
  const shown = lanes.slice(0, lanesMax)
  const more = lanes.length - shown.length
  return html`${hatches()}
    <div class="lanes">
      <div class="lane axis" aria-hidden="true"><span></span>${axis(context, scale)}<span></span></div>
      <ol>
        ${shown.map((lane) => laneRow(context, lane, scale))}
      </ol>
    </div>
    ${more > 0 && html`<p class="dim">${text.run.moreLanes(more)}</p>`}
    ${scale.compressed && html`<p class="note">${text.run.compressed}</p>`}
    <details class="alternative" id="timeline-words">
      <summary>${text.asText}</summary>
      ${table(context, shown)}
    </details>`
}

/** Patterns for stretches in which the run waits, in the colour of the line that uses them. */
function hatches(): Html {
  const patterns = ['people', 'waiting', 'unknown'].map(
    (name) =>
      html`<pattern
        id="hatch-${name}"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
        ><rect class="hatch-ground ${name}" width="6" height="6" /><rect
          class="hatch-line ${name}"
          width="2"
          height="6"
      /></pattern>`,
  )
  return html`<svg class="sprite" width="0" height="0" aria-hidden="true"><defs>${patterns}</defs></svg>`
}

function axis(context: Context, scale: Scale): Html {
  const labels = scale.ticks.map(({ percent, afterMs }) => {
    const anchor = percent < 4 ? 'start' : percent > 92 ? 'end' : 'middle'
    const words = afterMs === 0 ? '0' : shortDuration(context, afterMs)
    return html`<text x="${places(percent)}" y="11" text-anchor="${anchor}">${words}</text>`
  })
  return html`<svg width="100%" height="16">${labels}</svg>`
}

function laneRow(context: Context, lane: Lane, scale: Scale): Html {
  const { text } = context
  const worked = lane.spans.filter((span) => span.kind === 'work')
  const workMs = worked.reduce((sum, span) => sum + span.toMs - span.fromMs, 0)
  const tries = new Set(worked.map((span) => span.attempt).filter((attempt) => attempt > 0)).size
  const what = [
    lane.choice,
    lane.uses,
    lane.elements !== null && text.run.elements(lane.elements),
    tries > 1 && text.home.attempts(tries),
  ]
  const sub = what.filter((word) => typeof word === 'string' && word !== '').join(' · ')
  const name = lane.element === null ? lane.step : `[${lane.element}]`
  return html`<li class="lane${lane.element !== null && ' inner'}">
    <span class="who"
      >${sign(context, lane.mark)}<span
        ><b>${name}</b>${sub !== '' && html` <span class="dim">${sub}</span>`}</span
      ></span
    >
    <svg width="100%" height="22" aria-hidden="true">
      <rect class="rail" width="100%" height="22" rx="4" />
      ${lane.spans.map((span) => bar(span, scale, lane))}
    </svg>
    <span class="took">${workMs > 0 && duration(context, workMs)}</span>
  </li>`
}

function bar(span: Span, scale: Scale, lane: Lane): Html {
  const [y, height] = lane.elements === null ? [5, 12] : [9, 4]
  const from = scale.place(span.fromMs)
  const to = Math.max(from, scale.place(span.toMs))
  const colour = colourOf(span.mark)
  if (span.kind === 'work')
    return html`<rect
      class="bar ${colour}"
      x="${places(from)}"
      width="${places(to - from)}"
      y="${y}"
      height="${height}"
      rx="3"
    />`
  const hatch = span.kind === 'people' ? (span.mark === 'unknown' ? 'unknown' : 'people') : 'waiting'
  return html`<rect
    x="${places(from)}"
    width="${places(Math.max(0.4, to - from))}"
    y="5"
    height="12"
    rx="2"
    fill="url(#hatch-${hatch})"
  />`
}

function places(percent: number): string {
  return `${Math.round(percent * 100) / 100}%`
}

function table(context: Context, lanes: readonly Lane[]): Html {
  const { text } = context
  const rows = lanes.flatMap((lane) => {
    const name = lane.element === null ? lane.step : `${lane.step}[${lane.element}]`
    if (lane.spans.length === 0)
      return [
        html`<tr>
          <th scope="row">${name}</th>
          <td colspan="4">${badge(context, lane.mark)}</td>
        </tr>`,
      ]
    return lane.spans.map((span) => {
      const attempt = span.attempt > 1 && html` · ${text.run.attempt(span.attempt)}`
      return html`<tr>
        <th scope="row">${name}</th>
        <td>${text.run.spans[span.kind]}${attempt}</td>
        <td>${instant(context, span.fromMs)}</td>
        <td class="number">${duration(context, span.toMs - span.fromMs)}</td>
        <td>${badge(context, span.mark)}</td>
      </tr>`
    })
  })
  const shown = rows.slice(0, tableRowsMax)
  return html`<div class="wide" role="group" aria-label="${text.run.timeline}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">${text.run.step}</th>
            <th scope="col">${text.run.what}</th>
            <th scope="col">${text.run.begin}</th>
            <th scope="col" class="number">${text.run.took}</th>
            <th scope="col">${text.run.how}</th>
          </tr>
        </thead>
        <tbody>
          ${shown}
        </tbody>
      </table>
    </div>
    ${rows.length > shown.length && html`<p class="dim">${text.run.moreLanes(rows.length - shown.length)}</p>`}`
}

const tableRowsMax = 60
