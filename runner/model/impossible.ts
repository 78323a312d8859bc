// The end of every exhaustive switch: reaching it is our bug.

export function impossible(value: never): never {
  throw new Error(`impossible value: ${JSON.stringify(value)}`)
}
