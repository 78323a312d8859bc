// The prompt cache: which part of a request's prefix is read, written, or neither.

import { createHash } from 'node:crypto'

import type { ReadRequest } from './request.ts'

export type Ttl = '5m' | '1h'

/** Every input token falls in exactly one class. */
export interface InputTokens {
  readonly plain: number
  readonly read: number
  readonly written: Readonly<Record<Ttl, number>>
  /** To be called when the answer begins: only from then on others can read what this request wrote. */
  readonly begun: () => void
}

export interface PromptCache {
  lookUp(request: ReadRequest): InputTokens
}

const ttlMs: Readonly<Record<Ttl, number>> = { '5m': 5 * 60_000, '1h': 60 * 60_000 }
const lookBackBlocks = 20
export const breakpointsMax = 4

/** What the API puts around every request. */
const frameTokens = 8

/** About four bytes a token: an estimate, but always the same one. */
export const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)

interface Block {
  readonly tokens: number
  /** Names the whole prefix up to and with this block. */
  readonly prefix: string
  readonly tokensSoFar: number
  readonly breakpoint: Ttl | null
}

export function promptCache(now: () => number): PromptCache {
  const expiresMs = new Map<string, number>()
  const held = (block: Block): boolean => (expiresMs.get(block.prefix) ?? 0) > now()

  return {
    lookUp: (request) => {
      const blocks = blocksOf(request)
      const breakpoints = blocks.flatMap((block, index) => {
        const long = block.tokensSoFar >= request.model.cachedPrefixTokensMin
        return block.breakpoint !== null && long ? [index] : []
      })
      const hit = Math.max(-1, ...breakpoints.map((index) => found(blocks, index)))
      const written: Record<Ttl, number> = { '5m': 0, '1h': 0 }
      let covered = hit < 0 ? 0 : (blocks[hit]?.tokensSoFar ?? 0)
      const read = covered
      for (const index of breakpoints) {
        const block = blocks[index]
        if (block === undefined || block.breakpoint === null || block.tokensSoFar <= covered) continue
        written[block.breakpoint] += block.tokensSoFar - covered
        covered = block.tokensSoFar
      }
      const total = blocks.at(-1)?.tokensSoFar ?? 0
      return { plain: total - covered, read, written, begun: () => keep(blocks, breakpoints, hit) }
    },
  }

  function found(blocks: readonly Block[], from: number): number {
    for (let index = from; index >= 0 && index > from - lookBackBlocks; index -= 1) {
      const block = blocks[index]
      if (block !== undefined && held(block)) return index
    }
    return -1
  }

  /** Writing and reading both begin the time to live anew. */
  function keep(blocks: readonly Block[], breakpoints: readonly number[], hit: number): void {
    for (const index of new Set([...breakpoints, ...(hit < 0 ? [] : [hit])])) {
      const block = blocks[index]
      if (block !== undefined) expiresMs.set(block.prefix, now() + ttlMs[block.breakpoint ?? '5m'])
    }
  }
}

/** The request's blocks in the order of the prefix: tools, system, messages. */
function blocksOf({ params, model, effort, thinking }: ReadRequest): readonly Block[] {
  const system = typeof params.system === 'string' ? [{ text: params.system }] : (params.system ?? [])
  const messages = params.messages.flatMap(({ role, content }) =>
    (typeof content === 'string' ? [{ text: content }] : content).map((block) =>
      Object.assign({ role }, block),
    ),
  )
  const all = [...(params.tools ?? []), ...system, ...messages]
  const format = params.output_config?.format ?? null
  const settings = [model.info.id, effort, thinking, format]
  let prefix = digest(JSON.stringify(settings))
  let tokensSoFar = frameTokens + (format === null ? 0 : tokensOf(JSON.stringify(format)))
  return all.map((block, index) => {
    const { cache_control: own, ...rest } = block as { cache_control?: { ttl?: Ttl } | null }
    const automatic = index === all.length - 1 ? params.cache_control : undefined
    const control = own ?? automatic ?? null
    const tokens = 'text' in rest ? tokensOf(String(rest.text)) : tokensOf(JSON.stringify(rest))
    prefix = digest(prefix + JSON.stringify(rest))
    tokensSoFar += tokens
    return { tokens, prefix, tokensSoFar, breakpoint: control === null ? null : (control.ttl ?? '5m') }
  })
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

export function breakpointsOf(request: ReadRequest): number {
  return blocksOf(request).filter(({ breakpoint }) => breakpoint !== null).length
}
