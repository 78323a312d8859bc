// Answers kept with their ETag: asked again conditionally, an unchanged one costs nothing and is never stale.

import type { Call, Reply } from './call.ts'

const keptMax = 500

/** GET with If-None-Match; the answer is always the server's present one. */
export function createConditional(call: Call): Call {
  const kept = new Map<string, Reply>()
  return async (route, parameters = {}) => {
    const key = `${route} ${JSON.stringify(parameters)}`
    const known = kept.get(key)
    const etag = known?.headers['etag']
    const headers = typeof etag === 'string' ? { 'if-none-match': etag } : {}
    const reply = await call(route, { ...parameters, headers })
    kept.delete(key)
    const answer = reply.status === 304 && known !== undefined ? known : reply
    if (answer.headers['etag'] !== undefined) kept.set(key, answer)
    const [oldest] = kept.keys()
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
    return answer
  }
}
