// The few strings that get mixed up, each with its brand, and identifiers that sort by time.

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type FlowName = Branded<'FlowName'>
/** Full Git object id of a commit, 40 hex digits (64 with SHA-256 repositories). */
export type Commit = Branded<'Commit'>
/** Where a step stands in its flow: `triage`, or `on_failure.tell`. */
export type StepPath = Branded<'StepPath'>

export const flowName = (text: string): FlowName => text as FlowName
export const commit = (text: string): Commit => text as Commit
export const stepPath = (text: string): StepPath => text as StepPath

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * A new identifier: 26 characters of Crockford base 32, lower case, ten of time and sixteen of randomness
 * (the ULID layout, https://github.com/ulid/spec), so that text order is time order.
 * @param nowMs time in epoch milliseconds
 * @param random at least 10 random bytes
 */
export function newId(nowMs: number, random: Uint8Array): string {
  let time = ''
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32))
    time = alphabet.charAt(rest % 32) + time
  let bits = 0n
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte)
  let tail = ''
  for (let i = 0; i < 16; i++, bits >>= 5n) tail = alphabet.charAt(Number(bits & 31n)) + tail
  return time + tail
}
