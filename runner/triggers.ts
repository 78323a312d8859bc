import type { Assembled, AssembleOptions } from './assemble.ts'
export interface Triggers {
  readonly port: number
  changed(): Promise<void>
  stop(): Promise<void>
}
export async function startTriggers(_: {
  assembled: Assembled
  options: Omit<AssembleOptions, 'purpose'>
  hookKey: string
}): Promise<Triggers> {
  return { port: 0, changed: async () => {}, stop: async () => {} }
}
