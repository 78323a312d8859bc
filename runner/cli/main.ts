#!/usr/bin/env node
// The way in, whatever Node the machine has: hands over to the Node of this installation, then to the commands.
// This file is loaded by old versions too (as CommonJS, without types), so it is plain JavaScript.

const nodeMajorMin = 24
// PGlite is WebAssembly: the baseline compiler alone keeps 60 MB less in memory and starts sooner. A small nursery
// keeps 20 MB less, and one half that size takes half of the throughput.
const flags = ['--liftoff-only', '--max-semi-space-size=4', '--disable-warning=ExperimentalWarning']

const { existsSync } = process.getBuiltinModule('node:fs')
const path = process.getBuiltinModule('node:path')

const own = path.join(__dirname, '..', '..', 'node_modules', 'node', 'bin', 'node')
const command = [...flags, __filename, ...process.argv.slice(2)]
// Types stripped and code compiled once: half the time of every later command, and without what strips them 15 MB less.
const codeCache = path.join(__dirname, '..', '..', 'node_modules', '.cache', 'watchbill-code')
const environment = { NODE_COMPILE_CACHE: codeCache, ...process.env }
const old = Number(process.versions.node.split('.')[0]) < nodeMajorMin

if (old && !existsSync(own)) {
  process.stderr.write(
    `watchbill needs Node ${nodeMajorMin}; this is ${process.version} and none is installed here — run \`npm ci\` (without --ignore-scripts) in this folder\n`,
  )
  process.exitCode = 3
} else if (old) {
  relay()
} else if (process.argv[2] === 'start' && !process.execArgv.includes('--liftoff-only')) {
  process.removeAllListeners('warning')
  process.execve?.(process.execPath, [process.execPath, ...command], environment)
} else {
  process.getBuiltinModule('node:module').enableCompileCache?.(codeCache)
  import('./commands/program.ts').then(
    (program) => program.main(process.argv.slice(2)),
    (error) => {
      if (error && error.code === 'ERR_MODULE_NOT_FOUND' && !existsSync(own))
        process.stderr.write('watchbill is not installed yet — run `npm ci` in this folder\n')
      else process.stderr.write(`${error && error.stack}\n`)
      process.exitCode = 3
    },
  )
}

/** Runs the newer Node as a child that ends with us, however we end. */
function relay() {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const env = { ...environment, WATCHBILL_PARENT: String(process.pid) }
  const child = spawn(own, command, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env })
  process.on('SIGINT', () => child.kill('SIGINT'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  child.on('exit', (code, signal) => {
    if (signal !== null) process.kill(process.pid, signal)
    else process.exitCode = code ?? 1
    process.disconnect?.()
  })
}
