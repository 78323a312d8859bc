import type { Command } from 'commander'
import { settingsHere } from './connect.ts'
import { programLog } from './log.ts'
import { print } from './terminal.ts'
import { systemClock } from '../../world/clock.ts'

/** `watchbill migrate`: brings the store's schema up to date; forward only, safe while others run. */
export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description("bring the store's schema up to date")
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://… watchbill migrate')
    .action(async () => {
      const { databaseUrl, dataFolder } = settingsHere()
      const { openDatabase } = await import('../../store/open.ts')
      const { migrate, schemaVersion } = await import('../../store/migrate.ts')
      const database = await openDatabase({ databaseUrl, dataFolder, log: programLog('warn') })
      try {
        await migrate(database, systemClock.now())
        print(`the store is at version ${await schemaVersion(database)}`)
      } finally {
        await database.close()
      }
    })
}
