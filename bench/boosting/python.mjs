import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url))
let found

/** An interpreter with the peers, or undefined after a message that says why there is none. */
export function findPython() {
  found ??= { path: process.env.FIVEFOLD_BENCH_PYTHON ?? makeEnvironment() }
  return found.path
}

/** Another list of packages makes another environment. */
function makeEnvironment() {
  const key = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  const folder = join(homedir(), '.cache', 'fivefold-bench', key)
  const python = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'complete'))) return python
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    console.error('making a Python environment for XGBoost and LightGBM, once')
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'pipe' })
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS], { stdio: 'pipe' })
    writeFileSync(join(folder, 'complete'), '')
    return python
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    console.error(`only ours is measured, without peers: ${error.message.trim().split('\n').at(-1)}`)
    return undefined
  }
}
