import type { Command } from 'commander'
import { settingsHere } from './connect.ts'
import { programLog } from './log.ts'
import { coloured, print, say } from './terminal.ts'
import { programVersion } from '../../version.ts'
import { systemClock } from '../../world/clock.ts'
import { systemRandom } from '../../world/random.ts'
import type { Settings } from '../../world/settings.ts'

interface Options {
  readonly repo?: string
  readonly branch?: string
  readonly dir?: string
}

const secondSignalExit = 130
const outdatedExit = 3
const endsWithinMs = 9_900

/** `watchbill start`: the runner. */
export function addStart(program: Command): void {
  program
    .command('start')
    .description('the runner: follow the branch, work, serve the page')
    .option('--repo <url|folder>', 'the repository to follow')
    .option('--branch <name>', 'the branch to follow')
    .option('--dir <folder>', 'the folder of the flows inside it')
    .addHelpText('after', '\nExample:\n  watchbill start --repo https://github.com/acme/ops --branch main')
    .action(async (options: Options) => {
      const begun = systemClock.monotonic()
      const settings = withOptions(settingsHere(), options)
      const log = programLog(settings.logLevel)
      const { startRunner } = await import('../../start.ts')
      const runner = await startRunner({ settings, clock: systemClock, random: systemRandom, log })
      greet(settings, { port: runner.page.port, ms: systemClock.monotonic() - begun })
      // What an action left behind when it returned; its run has gone on, and the others know nothing of it.
      process.on('unhandledRejection', (error) => {
        log.error({ error }, 'something failed that nobody waits for any more; the runner goes on')
      })
      let stopping = false
      const end = (exitCode: number): void => {
        stopping = true
        // Whatever still hangs is in the journal; whoever goes on sees it there.
        setTimeout(() => process.exit(exitCode), endsWithinMs)
        void runner.stop().then(() => process.exit(exitCode))
      }
      const stop = (signal: string): void => {
        if (stopping) process.exit(secondSignalExit)
        say(`${signal}: finishing or handing back what runs; once more ends at once`)
        end(0)
      }
      process.on('SIGTERM', stop)
      process.on('SIGINT', stop)
      const outdated = (migration: string): void => {
        if (stopping) return
        say(
          `watchbill: the database was upgraded by a newer version; this one (${programVersion}) cannot work with ${migration} — start the newer version here too`,
        )
        end(outdatedExit)
      }
      void runner.outdated.then(outdated)
      // Started through an older Node: when that one ends, however it ends, so does this one.
      if (process.env['WATCHBILL_PARENT'] !== undefined)
        process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
      await new Promise<never>(() => {})
    })
}

function withOptions(settings: Settings, options: Options): Settings {
  return {
    ...settings,
    repository: options.repo ?? settings.repository,
    branch: options.branch ?? settings.branch,
    folder: options.dir ?? settings.folder,
  }
}

function greet(settings: Settings, started: { readonly port: number; readonly ms: number }): void {
  const host = settings.page.host === '127.0.0.1' ? 'localhost' : settings.page.host
  print(
    `${coloured('green', '●')} Watchbill is running: ${coloured('bold', `http://${host}:${started.port}`)}  (${(started.ms / 1_000).toFixed(1)} s)`,
  )
  if (settings.claude.apiKey === null)
    print('  no ANTHROPIC_API_KEY: decisions take their on_outage way (rules, park, people)')
  if (settings.github.token === null)
    print('  no GITHUB_TOKEN: what needs a yes waits for `npx watchbill approvals`')
}
