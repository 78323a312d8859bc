// Money is an integer count of pico-USD (10^-12 dollar): the smallest price per token is a whole number of them.

export type PicoUsd = bigint

const picoPerUsd = 1_000_000_000_000n

/** Dollars as people write them (`0.05`) to pico-USD; digits beyond the twelfth decimal are cut. */
export function picoUsd(dollars: number): PicoUsd {
  const [whole = '0', decimals = ''] = dollars.toFixed(12).split('.')
  return BigInt(whole) * picoPerUsd + BigInt(decimals.padEnd(12, '0').slice(0, 12))
}

/** For people: `$0.42`, `$12.00`; small amounts keep two significant digits: `$0.0031`. */
export function showUsd(amount: PicoUsd): string {
  const dollars = Number(amount) / 1e12
  if (dollars === 0 || Math.abs(dollars) >= 0.1) return `$${dollars.toFixed(2)}`
  return `$${dollars.toFixed(Math.min(12, 1 - Math.floor(Math.log10(Math.abs(dollars)))))}`
}
