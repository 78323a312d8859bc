// PGlite reads a text that begins with U+FEFF without it, so that a file would no longer match its hash.

import { protocol } from '@electric-sql/pglite'

type Parser = InstanceType<typeof protocol.Parser>

/**
 * Each parser of PGlite's protocol gets a twin that decodes with `ignoreBOM`, which its maker forgot, and lets
 * that do the work. The decoder cannot be reached in any other way. Once per process; the version is pinned, and
 * a test sends naughty strings through.
 */
export function keepBom(): void {
  if (done) return
  done = true
  const twins = new WeakMap<Parser, Parser>()
  const parse: Parser['parse'] = Reflect.get<Parser, 'parse'>(protocol.Parser.prototype, 'parse')
  protocol.Parser.prototype.parse = function (this: Parser, ...given: Parameters<Parser['parse']>): void {
    const twin = twins.get(this) ?? whileKeeping(() => new protocol.Parser())
    twins.set(this, twin)
    parse.apply(twin, given)
  }
}

let done = false

const PlainDecoder = globalThis.TextDecoder

class KeepingDecoder extends PlainDecoder {
  constructor(label?: string, options?: ConstructorParameters<typeof PlainDecoder>[1]) {
    super(label, { ...options, ignoreBOM: true })
  }
}

/** Only for the moment in which `make` runs, which does not wait for anything. */
function whileKeeping<Made>(make: () => Made): Made {
  globalThis.TextDecoder = KeepingDecoder
  try {
    return make()
  } finally {
    globalThis.TextDecoder = PlainDecoder
  }
}
