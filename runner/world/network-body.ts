// The body of an answer, unpacked and decoded, never more of it than asked for.

import { PassThrough, pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { readable } from './text.ts'
import { Failure } from '../model/error.ts'

interface Reading {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytesMax: number
}

/** At most `bytesMax` bytes after unpacking: a small answer that unpacks to a huge one is cut, not held. */
export async function readBody(
  body: Readable,
  { method, headers, bytesMax }: Reading,
): Promise<{ readonly body: string; readonly truncated: boolean }> {
  const unpacked = pipeline(
    body,
    method === 'HEAD' ? new PassThrough() : unpacker(headers['content-encoding']),
    () => {},
  )
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of unpacked as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, bytesMax - bytes))
    bytes += chunk.length
    if (bytes > bytesMax) break
  }
  const truncated = bytes > bytesMax
  const charset = /charset\s*=\s*"?([\w.:-]{1,40})/i.exec(headers['content-type'] ?? '')?.[1]
  return {
    body: readable(Buffer.concat(chunks), charset ?? 'utf-8', truncated ? 'cut' : 'whole'),
    truncated,
  }
}

function unpacker(encoding: string | undefined): Transform {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return new PassThrough()
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new Failure('unavailable', `The answer is packed as ${JSON.stringify(encoding)}`, {
        remedy: 'Only gzip, deflate and br are understood.',
      })
  }
}
