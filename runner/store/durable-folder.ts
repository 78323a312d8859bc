// PGlite's files in a folder, with the fsync that PGlite leaves out.

import { closeSync, fsyncSync, openSync } from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { type ParserOptions, PGlite } from '@electric-sql/pglite'
import { keepBom } from './keep-bom.ts'

interface NodeStream {
  /** Of an open file; a folder has none. */
  readonly nfd?: number
  readonly node: unknown
}

interface Nodefs {
  readonly stream_ops: { fsync?: (stream: NodeStream) => number }
  realPath(node: unknown): string
}

/**
 * PGlite as shipped calls no fsync at all: Emscripten's NODEFS has none, so the call succeeds and does nothing.
 * Here it reaches the kernel, for files and for folders. Leans on internals (`NODEFS.stream_ops`, `nfd`), so the
 * version is pinned exactly and a test counts the calls.
 */
class DurableFolder extends NodeFS {
  override async init(...[pg, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const started = await super.init(pg, options)
    const preRun = started.emscriptenOpts.preRun ?? []
    preRun.push((module) => {
      const nodefs = module.NODEFS as unknown as Nodefs
      nodefs.stream_ops.fsync = (stream) => {
        if (stream.nfd === undefined) syncPath(nodefs.realPath(stream.node))
        else fsyncSync(stream.nfd)
        return 0
      }
    })
    return { emscriptenOpts: { ...started.emscriptenOpts, preRun } }
  }
}

/** A new or renamed file is only there after a power cut if its folder was synced. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}

/** Opens, and if there is nothing creates, the database in the folder. */
export function openDurable(folder: string, parsers: ParserOptions = {}): Promise<PGlite> {
  keepBom()
  return PGlite.create({ fs: new DurableFolder(folder), startParams: [...durableParams], parsers })
}

const settings: Readonly<Record<string, string>> = {
  fsync: 'on',
  wal_sync_method: 'fsync',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // The default of 128 MB costs about 110 MB of memory.
  shared_buffers: '8MB',
  // What a checkpoint keeps of the log for reuse.
  min_wal_size: '16MB',
  max_wal_size: '64MB',
}

/** PGlite's own parameters without `-F`, which means no fsync, and ours. */
const durableParams: readonly string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
]
