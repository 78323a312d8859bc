// The way to the Claude API: a redirect is never followed (the key would go along), a body never grows without end.

/** As `fetch`, for the SDK: always `redirect: 'manual'`, so a 3xx comes back as what it is. */
export type ClaudeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** An answer that went beyond the limit; what was read of it is of no use. */
export class BodyTooLarge extends Error {
  constructor(bytesMax: number) {
    super(`the answer has more than ${bytesMax} bytes`)
    this.name = 'BodyTooLarge'
  }
}

/** @param bodyBytesMax of an answer, after decompression */
export function claudeFetch(bodyBytesMax: number): ClaudeFetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' })
    if (response.body === null) return response
    const { status, statusText, headers } = response
    return new Response(response.body.pipeThrough(capped(bodyBytesMax)), { status, statusText, headers })
  }
}

function capped(bytesMax: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength
      if (bytes > bytesMax) controller.error(new BodyTooLarge(bytesMax))
      else controller.enqueue(chunk)
    },
  })
}
