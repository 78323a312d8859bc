// `npm run bench <name> -- --json`: one figure each, beside its reference of the same run; the last line is JSON.

import { globSync } from 'node:fs'
import { basename, join } from 'node:path'

const names = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'main' && !name.startsWith('part-'))
  .toSorted()
const [name = '', ...rest] = process.argv.slice(2)

if (names.includes(name)) {
  const bench = (await import(join(import.meta.dirname, `${name}.ts`))) as {
    bench(args: readonly string[]): Promise<object>
  }
  const figures = await bench.bench(rest)
  if (!rest.includes('--json')) console.table(figures)
  console.log(JSON.stringify(figures))
  process.exit(0)
}
console.error(`npm run bench <name> -- --json, where name is one of: ${names.join(', ')}`)
process.exitCode = 2
