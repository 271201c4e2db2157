/** Virtual environments under ~/.cache/fivefold-python, one for each list of packages; kept between runs. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const INSTALL_MS = 900_000
/** A maker touches its claim each second: one that is older than this was left by a process that died. */
const STALE_MS = 30_000

/**
 * `{ python }`, the interpreter of an environment that holds what the list names, or `{ reason }` why there is none.
 * Processes that ask at once make it once.
 *
 * @param requirements URL of a requirements.txt
 */
export function pythonEnvironment(requirements) {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(homedir(), '.cache/fivefold-python', key)
  const python = join(folder, 'bin/python')
  const isComplete = () => existsSync(join(folder, 'complete'))
  if (isComplete()) return { python }
  const release = claim(`${folder}.claim`)
  try {
    return isComplete() ? { python } : make(folder, python, fileURLToPath(requirements))
  } finally {
    release()
  }
}

/** Where the lists of the suites lie. */
export const suiteRequirements = (list) => new URL(`python/${list}`, import.meta.url)

function make(folder, python, requirements) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  const reason =
    failureOf('python3', ['-m', 'venv', folder], 'python3 cannot make a virtual environment') ??
    failureOf(python, install, 'pip cannot install the Python packages')
  if (reason !== undefined) {
    rmSync(folder, { recursive: true, force: true })
    return { reason }
  }
  writeFileSync(join(folder, 'complete'), '')
  return { python }
}

function failureOf(command, args, what) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_MS })
  if (status === 0) return undefined
  return `${what}: ${error?.message ?? stderr?.trim().split('\n').at(-1) ?? ''}`
}

/** Waits until no other process holds the claim; returns what gives it up. */
function claim(path) {
  mkdirSync(join(path, '..'), { recursive: true })
  while (!tryClaim(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
  // The installation blocks this thread, so another one keeps the claim fresh.
  const keeper = new Worker(
    `setInterval(() => require('node:fs').utimesSync(${JSON.stringify(path)}, new Date(), new Date()), 1000)`,
    { eval: true },
  )
  keeper.unref()
  return () => {
    void keeper.terminate()
    rmSync(path, { recursive: true, force: true })
  }
}

function tryClaim(path) {
  try {
    mkdirSync(path)
    utimesSync(path, new Date(), new Date())
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > STALE_MS) rmSync(path, { recursive: true, force: true })
    return false
  }
}
