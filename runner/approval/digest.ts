// What is approved, as bytes: the binding's canonical form, its digest, and the code that people paste.

import type { Binding, QuestionBinding } from '../model/approval.ts'
import { canonicalJson, digestOf, sha256 } from '../model/digest.ts'

export interface Bound {
  /** RFC 8785 form: what was shown is what runs. */
  readonly text: string
  /** SHA-256 of that text, 64 hex digits. No prose of the model, no attempt, no time is in it. */
  readonly actionDigest: string
}

export interface Seal {
  /** SHA-256 over action digest, revision and nonce. */
  readonly ticketDigest: string
  /** Its first 12 hex digits: what people paste. */
  readonly code: string
}

export const nonceBytes = 16
export const codeDigits = 12

/** The canonical bytes of a binding and their digest. Throws when a value has no JSON form (NaN, infinity). */
export function bind(binding: Binding | QuestionBinding): Bound {
  const text = canonicalJson(binding)
  return { text, actionDigest: sha256(text) }
}

/** The digest and code of one revision of a ticket; `nonce` is 32 hex digits drawn after the action is fixed. */
export function seal(of: {
  readonly actionDigest: string
  readonly revision: number
  readonly nonce: string
}): Seal {
  const ticketDigest = digestOf({ action_digest: of.actionDigest, revision: of.revision, nonce: of.nonce })
  return { ticketDigest, code: ticketDigest.slice(0, codeDigits) }
}
