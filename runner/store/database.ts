// The seam between our SQL and the two databases that run it. One dialect: PostgreSQL's.
//
// Types on both sides: int8 ↔ number (asserted to be safe), numeric ↔ bigint, jsonb ↔ JSON value (passed as
// text by `json()`), everything else as `pg` has it. Times are int8 epoch milliseconds, named `*_ms`.

export interface Statements {
  /**
   * Runs one statement with `$1…` parameters and gives its rows. Throws `DatabaseError`. Without the list of
   * parameters, even an empty one, it may be several statements; the rows are those of all of them.
   */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
}

/** Statements that commit or roll back together. */
export interface Transaction extends Statements {
  readonly inTransaction: true
}

export interface Database extends Statements {
  readonly kind: 'pglite' | 'postgres'
  /**
   * For the group-committed statements: connections whose plans use indexes even if prepared while the tables
   * were empty. On PGlite the database itself.
   */
  readonly writer: Statements
  /** Commits when `work` resolves, rolls back when it throws. Durable when this resolves. */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>
  /** Calls for every NOTIFY on the channel; `onGap` after a lost connection came back. */
  listen(
    channel: string,
    onMessage: (payload: string) => void,
    onGap: () => void,
  ): Promise<() => Promise<void>>
  /**
   * Holds a session lock until the process dies or `release` is called; null when another session has it.
   * On PGlite the lock of the data folder already proves that no other process lives.
   */
  holdLock(key: bigint): Promise<{ release(): Promise<void> } | null>
  /**
   * Keys of the session locks that are held now, by anyone; on PGlite those of this process. Null when the server
   * was away until a moment ago, so that the others may not have taken theirs again yet.
   */
  heldLocks(): Promise<ReadonlySet<bigint> | null>
  close(): Promise<void>
}

/**
 * What our code acts on; everything else is `other`. `read_only`: a standby, or a server that was made one.
 * `resource`: no room, memory, lock or time for it at the moment. `schema`: a table or a column is not as this
 * program knows it.
 */
export type DatabaseErrorKind =
  | 'unique'
  | 'serialization'
  | 'connection'
  | 'data'
  | 'read_only'
  | 'resource'
  | 'schema'
  | 'other'

const passingKinds: ReadonlySet<DatabaseErrorKind> = new Set([
  'serialization',
  'connection',
  'read_only',
  'resource',
])

export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind
  /** SQLSTATE, or the driver's code. */
  readonly code: string

  constructor(what: { readonly kind: DatabaseErrorKind; readonly code: string }, cause: Error) {
    super(cause.message, { cause })
    this.name = 'DatabaseError'
    this.kind = what.kind
    this.code = what.code
  }
}

/** Whether the same may work in a while: the store is ill, what was asked of it is not. */
export function isPassing(thrown: unknown): boolean {
  return thrown instanceof DatabaseError && passingKinds.has(thrown.kind)
}

/** Whether the store failed, and not the value that was to be stored: nobody's step failed by it. */
export function isOfTheStore(thrown: unknown): boolean {
  return isPassing(thrown) || (thrown instanceof DatabaseError && thrown.kind === 'schema')
}

/** A JSON value as a parameter for a jsonb place. */
export function json(value: unknown): string {
  return JSON.stringify(value)
}
