// What many plays or kills came to: the sums, and in words whatever went wrong.

export interface Tally {
  points: number
  kills: number
  lost: number
  doubled: number
  unknown: number
}

export function newTally(): Tally {
  return { points: 0, kills: 0, lost: 0, doubled: 0, unknown: 0 }
}

export function add(into: Tally, more: Tally): void {
  into.points += more.points
  into.kills += more.kills
  into.lost += more.lost
  into.doubled += more.doubled
  into.unknown += more.unknown
}
