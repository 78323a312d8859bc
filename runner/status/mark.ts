// States as people see them: always a word, a shape and a colour, the same everywhere.

import type { Speech } from './format.ts'
import { type Html, html } from './html.ts'
import type { RunShown } from '../store/view-runs.ts'

export type Mark = RunShown | 'skipped' | 'denied' | 'pending'

const clock = html`<circle cx="8" cy="8" r="5.6" /><path d="M8 4.8V8l2.3 1.5" />`
const cross = html`<path d="m4.4 4.4 7.2 7.2m0-7.2-7.2 7.2" />`

/** What is drawn for each shape, in a square of 16. */
const shapes = {
  running: html`<path class="solid" d="M5.2 3.1v9.8L13 8z" />`,
  people: html`<path
    d="M4.9 9V4.6a.95.95 0 0 1 1.9 0v2.6-4a.95.95 0 0 1 1.9 0v4-3.3a.95.95 0 0 1 1.9 0v4-1.7a.95.95 0 0 1 1.9 0v3.6c0 2.7-1.8 4.4-4.2 4.4-1.8 0-3-.8-3.9-2.4L2.7 9.1c-.5-1 .8-1.8 1.5-.9z"
  />`,
  waiting: clock,
  succeeded: html`<path d="m3.4 8.6 3 3.1 6.2-7.2" />`,
  failed: cross,
  cancelled: html`<circle cx="8" cy="8" r="5.4" /><path d="m4.3 11.7 7.4-7.4" />`,
  unknown: html`<path d="M5.6 6a2.5 2.5 0 1 1 3.7 2.2c-.9.5-1.3 1-1.3 2M8 12.7v.1" />`,
  skipped: html`<path d="M4 8h8" />`,
  pending: html`<circle cx="8" cy="8" r="3" />`,
}
type Shape = keyof typeof shapes

const shapeOf: Readonly<Record<Mark, Shape>> = {
  queued: 'waiting',
  ready: 'waiting',
  running: 'running',
  people: 'people',
  waiting: 'waiting',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown',
  skipped: 'skipped',
  denied: 'failed',
  pending: 'pending',
}

/** Defines the shapes once for a page; `icon` points to them. */
export function sprite(): Html {
  const symbols = Object.entries(shapes).map(
    ([name, shape]) => html`<symbol id="i-${name}" viewBox="0 0 16 16">${shape}</symbol>`,
  )
  return html`<svg class="sprite" width="0" height="0" aria-hidden="true">${symbols}</svg>`
}

/** The shape in the colour of its state; the word must stand beside it. */
export function icon(mark: Mark): Html {
  return html`<svg class="icon ${shapeOf[mark]}" aria-hidden="true"><use href="#i-${shapeOf[mark]}" /></svg>`
}

/** The class that colours text and bars of a state. */
export function colourOf(mark: Mark): string {
  return shapeOf[mark]
}

export function badge({ text }: Speech, mark: Mark): Html {
  return html`<span class="badge ${shapeOf[mark]}">${icon(mark)}${text.marks[mark]}</span>`
}

/** Shape only, with the word for those who do not see it. */
export function sign({ text }: Speech, mark: Mark): Html {
  return html`<span class="sign ${shapeOf[mark]}" title="${text.marks[mark]}"
    >${icon(mark)}<span class="unseen">${text.marks[mark]}</span></span
  >`
}
