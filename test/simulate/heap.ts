// The heap after everything that can be collected is.

import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export async function collectedHeap(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    await turn()
    collect()
  }
  return process.memoryUsage().heapUsed
}
