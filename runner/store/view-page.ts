// What every listing gives: some items and where to go on.

/** `next` goes on after the last item; null at the end. Cursors are opaque to callers. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/** Most items one page may have. */
export const pageItemsMax = 200

/** Makes a page from rows that were asked for with one more than fits, to see whether there are more. */
export function pageOf<Item>(
  rows: readonly Item[],
  limit: number,
  cursor: (item: Item) => string,
): Page<Item> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? cursor(last) : null }
}
