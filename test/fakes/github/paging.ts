// Pages of a list and the Link header that leads from one to the next.

import type { Answer, Ask } from './answer.ts'

const perPageUnsaid = 30
export const perPageMax = 100

export function page<T>(ask: Ask, all: readonly T[], render: (item: T) => unknown): Answer {
  const perPage = Math.max(1, Math.min(perPageMax, Number(ask.query.get('per_page') ?? perPageUnsaid)))
  const number = Math.max(1, Number(ask.query.get('page') ?? 1))
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const body = all.slice((number - 1) * perPage, number * perPage).map(render)
  const links = [
    ...(number < last ? [link(ask, number + 1, 'next'), link(ask, last, 'last')] : []),
    ...(number > 1 ? [link(ask, 1, 'first'), link(ask, number - 1, 'prev')] : []),
  ]
  return { status: 200, body, headers: links.length === 0 ? {} : { link: links.join(', ') } }
}

function link(ask: Ask, number: number, relation: string): string {
  const query = new URLSearchParams(ask.query)
  query.set('page', String(number))
  return `<${ask.world.api}${ask.pathname}?${query.toString()}>; rel="${relation}"`
}
