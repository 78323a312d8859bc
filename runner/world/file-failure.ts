// What the file system refuses, in words and kinds of ours.

import { Failure, type FailureKind } from '../model/error.ts'

/** A refusal of ours: nothing was touched. */
export function refused(path: string, why: string, remedy: string): Failure {
  return new Failure('refused', `${JSON.stringify(path)} ${why}`, { remedy, effect: 'none' })
}

interface Meaning {
  readonly kind: FailureKind
  readonly why: string
  readonly remedy: string
}

const link = 'Links are never followed: name the real path, inside a folder that the policy allows.'
const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: { kind: 'refused', why: 'does not exist', remedy: 'Check the path.' },
  ENOTDIR: { kind: 'refused', why: 'has a part that is no folder, or is a link', remedy: link },
  ELOOP: { kind: 'refused', why: 'is a link, or lies behind one', remedy: link },
  EMLINK: { kind: 'refused', why: 'is a link, or lies behind one', remedy: link },
  EISDIR: { kind: 'refused', why: 'is a folder', remedy: 'Name a file.' },
  ENXIO: { kind: 'refused', why: 'is no regular file', remedy: 'Name a file.' },
  EACCES: {
    kind: 'refused',
    why: "is closed to the runner's account",
    remedy: 'Give the account the permission.',
  },
  EPERM: {
    kind: 'refused',
    why: "is closed to the runner's account",
    remedy: 'Give the account the permission.',
  },
  EROFS: { kind: 'refused', why: 'lies on a disk that cannot be written', remedy: 'Choose another folder.' },
  ENAMETOOLONG: { kind: 'invalid', why: 'is longer than the disk allows', remedy: 'Choose a shorter name.' },
  ENOSPC: { kind: 'unavailable', why: 'does not fit: the disk is full', remedy: 'Make room.' },
  EDQUOT: { kind: 'unavailable', why: 'does not fit: the quota is used up', remedy: 'Make room.' },
}

/** Anything thrown while working on a file, typed. */
export function asFailure(thrown: unknown, path: string): Failure {
  if (thrown instanceof Failure) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const meaning = meanings[code]
  if (meaning !== undefined)
    return new Failure(meaning.kind, `${JSON.stringify(path)} ${meaning.why}`, {
      remedy: meaning.remedy,
      cause: thrown,
    })
  const said = thrown instanceof Error ? thrown.message : String(thrown)
  return new Failure('unavailable', `${JSON.stringify(path)} could not be used: ${said}`, { cause: thrown })
}
