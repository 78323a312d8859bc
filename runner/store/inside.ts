// Catches a mistake that would hang for ever: a statement of the database inside the work of a transaction.

import { AsyncLocalStorage } from 'node:async_hooks'

interface Scope {
  open: boolean
}

export interface Inside {
  /** Runs the work of a transaction; until it settles, `refuse` throws within it. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Throws when called from within the work of a transaction that is still open. */
  refuse(what: string): void
}

/**
 * On PGlite such a statement waits for the transaction that waits for it; on PostgreSQL it would run outside
 * the transaction and can exhaust the pool. So both refuse it, at once and with a stack.
 */
export function inside(): Inside {
  const scopes = new AsyncLocalStorage<Scope>()
  return {
    run: async (work) => {
      const scope: Scope = { open: true }
      try {
        return await scopes.run(scope, work)
      } finally {
        scope.open = false
      }
    },
    refuse: (what) => {
      if (scopes.getStore()?.open === true) {
        throw new Error(`${what} inside the work of a transaction: use the transaction that was handed over`)
      }
    },
  }
}
