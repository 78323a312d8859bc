// What a program says: kept up to a limit, read on beyond it so that the program does not block, told line by line.

import type { ChildProcess } from 'node:child_process'
import { readable } from './text.ts'

interface Collecting {
  /** For each stream. */
  readonly bytesMax: number
  readonly onLine: (line: string) => void
  /** Called when a stream has brought more than anybody will read. */
  readonly onFlood: () => void
}

export interface Output {
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
}

export const outputLimits = {
  /** Of one stream; what comes beyond `bytesMax` is dropped, beyond this the program is ended. */
  drainedBytesMax: 67_108_864,
  lineBytesMax: 8_192,
} as const

export function collect(child: ChildProcess, collecting: Collecting): { end(): Output } {
  const out = keep(child.stdout, collecting)
  const err = keep(child.stderr, collecting)
  return {
    end: () => {
      const [stdout, stderr] = [out(), err()]
      return {
        stdout: stdout.text,
        stderr: stderr.text,
        truncated: stdout.truncated || stderr.truncated,
      }
    },
  }
}

function keep(
  stream: NodeJS.ReadableStream | null,
  { bytesMax, onLine, onFlood }: Collecting,
): () => { readonly text: string; readonly truncated: boolean } {
  const chunks: Buffer[] = []
  const lines = splitter(onLine)
  let bytes = 0
  stream?.on('error', () => {})
  stream?.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, Math.max(0, bytesMax - bytes))
    bytes += chunk.length
    if (kept.length > 0) {
      chunks.push(kept)
      lines.take(kept)
    }
    if (bytes > outputLimits.drainedBytesMax) onFlood()
  })
  return () => {
    lines.end()
    const truncated = bytes > bytesMax
    return { text: readable(Buffer.concat(chunks), 'utf-8', truncated ? 'cut' : 'whole'), truncated }
  }
}

function splitter(onLine: (line: string) => void): { take(chunk: Buffer): void; end(): void } {
  let rest: Buffer = Buffer.alloc(0)
  const tell = (line: Buffer): void => onLine(readable(line, 'utf-8', 'whole').trimEnd())
  /** Tells all of a long line but its last part. */
  const shorten = (line: Buffer): Buffer => {
    let left = line
    for (; left.length > outputLimits.lineBytesMax; left = left.subarray(outputLimits.lineBytesMax))
      tell(left.subarray(0, outputLimits.lineBytesMax))
    return left
  }
  return {
    take: (chunk) => {
      let from = 0
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        tell(shorten(Buffer.concat([rest, chunk.subarray(from, at)])))
        rest = Buffer.alloc(0)
        from = at + 1
      }
      rest = shorten(Buffer.concat([rest, chunk.subarray(from)]))
    },
    end: () => {
      if (rest.length > 0) tell(rest)
      rest = Buffer.alloc(0)
    },
  }
}
