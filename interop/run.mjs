/**
 * Interoperability: what Fivefold makes, opened by the tools that it claims to work with. Makes its own Python
 * environments under ~/.cache/fivefold-python and keeps them; says SKIPPED and ends with 0 where that cannot be done.
 * Needs `npm run build` before. `node interop/run.mjs [name...]` runs only the suites whose name contains a word.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const repository = join(here, '..')
const words = process.argv.slice(2)
/** A suite that takes longer hangs. */
const SUITE_MS = 600_000

const main = join(repository, 'packages/fivefold/dist/cli/main.js')
if (!existsSync(main)) {
  console.error('packages/fivefold/dist is missing: run `npm run build` first')
  process.exit(1)
}

const { python, reason } = pythonEnvironment(suiteRequirements('requirements.txt'))
if (reason) {
  console.log(`SKIPPED: ${reason}`)
  process.exit(0)
}
const env = { ...process.env, FIVEFOLD_PYTHON: python, FIVEFOLD_MAIN: main, FIVEFOLD_REPOSITORY: repository }
let running
// What a suite has started ends with us: each suite is a process group.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    endGroup(running)
    process.exit(1)
  })

let failures = 0
for (const suite of suites()) {
  const outcome = await run(suite)
  // Foreign clients and servers hang now and then. One repetition tells that from a defect of ours, and is said.
  const last = outcome === 'hung' ? await run(suite) : outcome
  if (last === 'hung') console.log('ℹ fail 1')
  failures += Number(last !== 'passed')
}
process.exit(failures === 0 ? 0 : 1)

function suites() {
  const isWanted = (name) => words.length === 0 || words.some((word) => name.includes(word))
  return readdirSync(here)
    .filter((name) => name.endsWith('.test.mjs') && isWanted(name))
    .map((name) => join(here, name))
}

/** 'passed', 'failed', or 'hung' after all its processes have been shown and ended. */
function run(suite) {
  console.log(`--- ${basename(suite)}`)
  running = spawn(process.execPath, ['--test', '--test-reporter=spec', suite], {
    stdio: 'inherit',
    env,
    detached: true,
  })
  const runner = running
  return new Promise((resolve) => {
    let isHung = false
    const watchdog = setTimeout(() => {
      isHung = true
      console.log(`${basename(suite)} HUNG: ended after ${SUITE_MS / 60_000} minutes, with these processes`)
      console.log(
        spawnSync('ps', ['-g', String(runner.pid), '-o', 'pid,ppid,etime,time,wchan:20,args']).stdout?.toString(),
      )
      endGroup(runner)
    }, SUITE_MS)
    runner.on('exit', (code) => {
      clearTimeout(watchdog)
      if (isHung) resolve('hung')
      else resolve(code === 0 ? 'passed' : 'failed')
    })
  })
}

function endGroup(child) {
  try {
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
