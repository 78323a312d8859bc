// What Git said when it failed, as a failure for people. Git has one exit code for everything, so its words count.

import { Failure, type FailureKind } from '../model/error.ts'

interface Saying {
  readonly says: RegExp
  readonly kind: FailureKind
  readonly message: string
  readonly remedy: string
}

/** In this order: the first that fits. */
const sayings: readonly Saying[] = [
  {
    says: /fsck error|malformed(TreeEntry|Path)|hasDot|gitmodules\w+:|nullSha1|zeroPaddedFilemode:/i,
    kind: 'refused',
    message: 'the branch holds objects that Git itself calls malformed or dangerous',
    remedy: 'Look at what was pushed; remove it from the history of the branch.',
  },
  {
    says: /could not read (Username|Password)|Authentication failed|HTTP 40[13]|error: 40[13]|Permission denied \(|Invalid username/i,
    kind: 'denied',
    message: 'the remote wants credentials that are not there or not valid',
    remedy: 'Set a token that may read this repository, or an SSH key without a passphrase in an agent.',
  },
  {
    says: /Host key verification failed/,
    kind: 'denied',
    message: 'the host is not known to SSH',
    remedy: 'Connect once by hand and check its fingerprint, so that it is in known_hosts.',
  },
  {
    says: /Could not resolve host|Failed to connect|Connection (refused|timed out|reset)|Operation too slow|Network is unreachable|early EOF|unexpected disconnect|Empty reply|HTTP 5\d\d|error: 5\d\d/i,
    kind: 'unavailable',
    message: 'the remote cannot be reached',
    remedy: 'Nothing to do if it comes back; else check the address, the network and the proxy.',
  },
  {
    says: /transport '[^']*' not allowed/,
    kind: 'refused',
    message: 'the remote leads to a protocol that is not allowed',
    remedy: 'Only https, ssh and folders are followed; correct the address.',
  },
  {
    says: /does not appear to be a git repository|not a git repository|Repository not found|repository '[^']*' not found|error: 404/i,
    kind: 'invalid',
    message: 'there is no Git repository',
    remedy: 'Correct the address; a folder must be a Git checkout with at least one commit.',
  },
  {
    says: /\.lock': File exists|Unable to create '[^']*\.lock'/,
    kind: 'unavailable',
    message: 'another Git process holds a lock on the mirror',
    remedy: 'Nothing: a lock that was left behind is removed after a minute.',
  },
  {
    says: /No space left on device|Disk quota exceeded/i,
    kind: 'unavailable',
    message: 'the disk is full',
    remedy: 'Make room in the data folder.',
  },
]

/** Words by which Git tells that objects or files of the mirror are damaged. */
const damage =
  /bad object|corrupt|unable to read|does not point to a valid|reference broken|packfile|inflate|bad signature|not a git repository:|missing blob|invalid object|hash mismatch|bad config line|bad revision|index file|unable to unpack|broken link/i

const detailCharactersMax = 300

/** @param said what Git wrote to stderr; `secrets` are cut out of it whatever happens */
export function gitFailure(doing: string, said: string, secrets: readonly string[]): Failure {
  const saying = sayings.find((candidate) => candidate.says.test(said))
  const detail = shortened(said, secrets)
  const about = saying === undefined ? `Git failed (${detail})` : `${saying.message} (${detail})`
  return new Failure(saying?.kind ?? 'unavailable', `${doing}: ${about}`, {
    remedy: saying?.remedy ?? 'Run `watchbill doctor`; the last good commit stays in force.',
  })
}

/** Whether our own mirror is to blame; what the other side says of itself does not count. */
export function soundsDamaged(said: string): boolean {
  const ours = said.split('\n').filter((line) => !line.startsWith('remote: '))
  return damage.test(ours.join('\n')) && !/fsck error/.test(said)
}

/** The first telling line, without secrets and without anything that a terminal would obey. */
function shortened(said: string, secrets: readonly string[]): string {
  let text = said.toWellFormed()
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '***')
  const lines = text.replaceAll(/\/\/[^/\s@]+@/g, '//***@').split(/[\r\n]+/)
  const telling =
    lines.find((line) => /^(fatal|error|remote: (fatal|error))/i.test(line)) ?? lines.at(0) ?? ''
  return (
    telling
      .replaceAll(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, detailCharactersMax) || 'it said nothing'
  )
}
