// Bytes from outside as text that a database takes and a terminal can show.

import { TextDecoder } from 'node:util'

/**
 * Decodes and replaces what does no good anywhere: bytes that are no text in this encoding, halves of surrogate
 * pairs, and controls other than tab and line ends become U+FFFD.
 * @param encoding label of the Encoding Standard; an unknown one is read as UTF-8
 * @param end `cut` when the last character may be incomplete because more bytes followed
 */
export function readable(bytes: Uint8Array, encoding: string, end: 'whole' | 'cut'): string {
  return decoderOf(encoding)
    .decode(bytes, { stream: end === 'cut' })
    .toWellFormed()
    .replace(controls, '\uFFFD')
}

// oxlint-disable-next-line no-control-regex -- controls are what it looks for
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding)
  } catch {
    return new TextDecoder('utf-8')
  }
}
