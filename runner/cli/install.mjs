// Installs what is missing, so that one command is enough on a fresh clone. Plain JavaScript for any Node.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', '..')
const stamp = join(root, 'node_modules', '.watchbill-installed')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const node = join(root, 'node_modules', 'node', 'bin', 'node')

const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)
if (!installed) {
  console.error('Installing packages (once)…')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (npm.status !== 0) process.exit(npm.status ?? 1)
  if (!existsSync(node)) {
    console.error(
      'Node 24 was not installed with the packages: install scripts are switched off. Run `npm ci --ignore-scripts=false`.',
    )
    process.exit(3)
  }
  writeFileSync(stamp, wanted)
}
