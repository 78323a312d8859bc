// Bytes to text, and the characters that may stand in a file of the repository.

import type { Problem } from '../model/problem.ts'
import { problemAt, problemInFile, sourceOf, type Source } from './source.ts'

export const fileBytesMax = 256 * 1024

export type Decoded = { readonly source: Source } | { readonly problem: Problem }

/** The text of a file, without a byte order mark. Refuses what the store could not keep unchanged. */
export function decode(file: string, bytes: Uint8Array): Decoded {
  if (bytes.byteLength > fileBytesMax)
    return {
      problem: problemInFile(file, {
        code: 'file-too-large',
        message: `the file has ${bytes.byteLength} bytes, the limit is ${fileBytesMax}`,
        hint: 'split it, or move long texts into files of their own',
      }),
    }
  const text = textOf(bytes)
  if (text === null) return { problem: problemInFile(file, notUtf8) }
  const source = sourceOf(file, text)
  const control = controls.exec(text)
  if (control === null) return { source }
  const name = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return {
    problem: problemAt(source, control.index, {
      code: 'encoding',
      message: `the control character U+${name} cannot be stored`,
      hint: 'remove it',
    }),
  }
}

const notUtf8 = {
  code: 'encoding',
  message: 'the file is not valid UTF-8',
  hint: 'save it as UTF-8',
} as const

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function textOf(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return null
  }
}

/** C0 and DEL without tab, line feed and carriage return. */
// oxlint-disable-next-line no-control-regex -- finding them is its purpose
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

/**
 * Bidirectional controls, and characters without width: soft hyphen, fillers, joiners and separators, musical and
 * shorthand controls, tags.
 */
const hidden =
  /\u{ad}|\u{61c}|[\u{115f}\u{1160}]|[\u{17b4}\u{17b5}]|[\u{180e}\u{200b}\u{200e}\u{200f}]|[\u{202a}-\u{202e}]|[\u{2060}-\u{206f}]|[\u{3164}\u{feff}\u{ffa0}]|[\u{1bca0}-\u{1bca3}]|[\u{1d173}-\u{1d17a}]|[\u{e0000}-\u{e007f}]/u
/** Joiners belong to scripts and emoji: hidden only where no such character stands before them. */
const strayJoiner = /(?<![^\p{ASCII}])[\u{200c}\u{200d}]/u

/** The first character that a reader of the file does not see; null when there is none. */
export function findHidden(source: Source, severity: Problem['severity'] = 'error'): Problem | null {
  const found = hidden.exec(source.text) ?? strayJoiner.exec(source.text)
  if (found === null) return null
  const name = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return problemAt(source, found.index, {
    code: 'hidden-characters',
    severity,
    message: `the invisible character U+${name} stands here`,
    hint: 'remove it; what a file does must be visible to who reads it',
  })
}

/** Why a text cannot be stored as it is; null when it can. Escapes in YAML can bring in what bytes cannot. */
export function unstorable(text: string): string | null {
  if (text.includes('\u0000')) return 'the NUL character cannot be stored'
  return text.isWellFormed() ? null : 'half of a surrogate pair cannot be stored'
}
