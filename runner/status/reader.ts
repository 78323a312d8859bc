// From a request to the context in which its page is made.

import type { FastifyRequest } from 'fastify'
import type { Assets } from './assets.ts'
import type { Context } from './context.ts'
import { chooseLanguage, languages, texts } from './language.ts'
import type { StatusParts } from './parts.ts'
import { queryOf } from './query.ts'
import { countOpenTickets } from '../store/view-tickets.ts'

/** Open questions are counted up to this for the menu. */
const waitingMax = 1_000

/** The context of a page; counts the open questions for its menu. */
export async function readContext(
  parts: StatusParts,
  assets: Assets,
  request: FastifyRequest,
): Promise<Context> {
  return {
    ...bareContext(parts, assets, request),
    waiting: await countOpenTickets(parts.database, waitingMax),
  }
}

/** The same without asking the store, for pages that say that it cannot be asked. */
export function bareContext(parts: StatusParts, assets: Assets, request: FastifyRequest): Context {
  const query = queryOf(request.query)
  const chosen = languages.find((one) => one === query['lang']) ?? null
  const language = chooseLanguage(query['lang'], request.headers['accept-language'])
  return {
    language,
    chosen,
    text: texts[language],
    nowMs: parts.clock.now(),
    runner: parts.runner(),
    waiting: 0,
    path: request.url.split('?')[0] ?? '/',
    query,
    assets: { style: assets.style.path, script: assets.script.path, icon: assets.icon.path },
  }
}
