// What is answered when something is wrong: a page with a way on for people, a code for programs.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Assets } from './assets.ts'
import { errorPage, type ErrorWords } from './page-error.ts'
import type { StatusParts } from './parts.ts'
import { BadQuery } from './query.ts'
import { bareContext } from './reader.ts'
import { sendJson } from './routes-api.ts'
import { htmlType } from './routes-pages.ts'
import type { Text } from './language.ts'
import { DatabaseError } from '../store/database.ts'

type Known = 'not_found' | 'host' | 'token' | 'method' | 'busy'

export interface Exchange {
  readonly parts: StatusParts
  readonly assets: Assets
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** `outside`: nobody has looked yet whether this reader may come in. */
  readonly reader: 'inside' | 'outside'
}

interface Fault extends ErrorWords {
  readonly status: number
  readonly code: string
}

export function failed(
  { parts, assets, request, reply, reader }: Exchange,
  why: Known | Error,
): FastifyReply {
  const context = bareContext(parts, assets, request)
  const fault = faultOf(context.text, why)
  if (why instanceof Error && fault.status >= 500) {
    const fields = { error: why, path: context.path }
    if (fault.code === 'internal') parts.log.error(fields, 'a page could not be made')
    else parts.log.warn(fields, 'a page could not be made')
  }
  reply.code(fault.status)
  if (fault.code === 'token') reply.header('www-authenticate', 'Bearer')
  if (context.path.startsWith('/api/') || context.path === '/metrics')
    return sendJson(reply, { error: { code: fault.code, message: `${fault.title} ${fault.remedy}` } })
  return reply.type(htmlType).send(errorPage(context, fault, reader).toString())
}

function faultOf({ error }: Text, why: Known | Error): Fault {
  if (why instanceof BadQuery)
    return {
      status: 400,
      code: 'bad_query',
      title: error.badFilter(why.parameter),
      remedy: error.badFilterDo,
    }
  if (why instanceof DatabaseError)
    return { status: 503, code: 'store', title: error.store, remedy: error.storeDo }
  if (why instanceof Error) {
    const status = 'statusCode' in why && typeof why.statusCode === 'number' ? why.statusCode : 500
    if (status >= 400 && status < 500)
      return { status, code: 'bad_request', title: error.notFound, remedy: error.notFoundWhy }
    return { status: 500, code: 'internal', title: error.broken, remedy: error.brokenDo }
  }
  return known(error)[why]
}

function known(error: Text['error']): Readonly<Record<Known, Fault>> {
  return {
    not_found: { status: 404, code: 'not_found', title: error.notFound, remedy: error.notFoundWhy },
    host: { status: 421, code: 'host', title: error.host, remedy: error.hostDo },
    token: { status: 401, code: 'token', title: error.token, remedy: error.tokenDo },
    method: { status: 405, code: 'method', title: error.method, remedy: error.methodDo },
    busy: { status: 503, code: 'busy', title: error.busy, remedy: error.busyDo },
  }
}
