// Creates the embedded database in a new folder. Runs as a process of its own: whoever ran initdb keeps 600 MB.
// Argument: the folder to make. Standard input stays open as long as the parent lives.

import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv, exit, stdin } from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import { syncPath } from './durable-folder.ts'

// A segment is written in full when it begins: 16 MB, the default, is most of a new database.
const walSegmentMb = 4

const folder = argv[2]
if (folder === undefined) throw new Error('the folder is missing')
stdin.on('end', () => exit(1)).resume()

// In memory first: a seventh faster than letting PGlite copy it, and PGlite would leave it unsynced.
const pg = await PGlite.create({ initDbStartParams: [`--wal-segsize=${walSegmentMb}`] })
// Never used, two thirds of the files, and the one thing whose transaction ids would age unseen.
await pg.exec('update pg_database set datistemplate = false')
for (const name of ['template0', 'template1']) await pg.exec(`drop database ${name}`)
const memory = pg.Module.FS
await pg.close()
// initdb let nothing else run: hear now whether the parent died meanwhile.
await setImmediate()
copy(PGlite.paths.PGDATA, folder)
syncPath(dirname(folder))
exit(0)

/** Out of PGlite's memory onto the disk, every file and folder synced. */
function copy(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 })
  for (const name of memory.readdir(from)) {
    if (name === '.' || name === '..') continue
    const path = `${from}/${name}`
    if (memory.isDir(memory.stat(path).mode)) copy(path, join(to, name))
    else write(join(to, name), memory.readFile(path))
  }
  syncPath(to)
}

function write(path: string, content: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600)
  for (let at = 0; at < content.length;) at += writeSync(file, content, at)
  fsyncSync(file)
  closeSync(file)
}
