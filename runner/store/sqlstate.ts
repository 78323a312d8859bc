// What the two drivers throw, as one error with a kind that our code can act on.

import { DatabaseError, type DatabaseErrorKind } from './database.ts'

/** Any error of a driver as `DatabaseError`; what is not an Error at all is our bug and stays as it is. */
export function databaseError(thrown: unknown): unknown {
  if (thrown instanceof DatabaseError || !(thrown instanceof Error)) return thrown
  // A name with several addresses fails with all of their errors, and says nothing itself.
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown
  const error = first instanceof Error ? first : thrown
  const code = codeOf(error)
  return new DatabaseError({ kind: kindOf(code, error.message), code }, error)
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** By SQLSTATE (appendix A of PostgreSQL's manual) or by Node's code for a socket. */
function kindOf(code: string, message: string): DatabaseErrorKind {
  if (code === '23505') return 'unique'
  if (code === '40001' || code === '40P01') return 'serialization'
  // "cached plan must not change result type": a migration ran elsewhere; again, on a new connection, it works.
  if (code === '0A000' && /cached plan/.test(message)) return 'serialization'
  if (code === '25006') return 'read_only'
  // 57P0x: the server stops or starts; 53300: no connection left; 25P03, 25P04: it ended the session.
  if (code.startsWith('08') || code.startsWith('57P') || connectionCodes.has(code)) return 'connection'
  // 53: disk, memory; 58: the server's own files; 55P03, 57014: waited for a lock, or worked, too long.
  if (code.startsWith('53') || code.startsWith('58') || code === '55P03' || code === '57014')
    return 'resource'
  // The statement cannot be stored as it is, whoever repeats it: bad value, broken constraint, row too big.
  if (code.startsWith('22') || code.startsWith('23') || code.startsWith('54') || code === '21000')
    return 'data'
  // Our statements are static and tested: the store is of another version than they are.
  if (code.startsWith('42') || code === '3F000') return 'schema'
  if (socketCodes.has(code) || driverSaysConnection.test(message)) return 'connection'
  return 'other'
}

const connectionCodes = new Set(['53300', '25P03', '25P04'])

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
])

// pg gives these no code.
const driverSaysConnection =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed|timeout expired)/
