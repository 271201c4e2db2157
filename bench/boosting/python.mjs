import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** An interpreter with the peers, or undefined after a message that says why there is none. */
export const findPython = pythonWith(new URL('requirements.txt', import.meta.url), 'XGBoost and LightGBM')

/** What finds an interpreter with the packages of a list, making an environment for it where there is none. */
export function pythonWith(requirements, peers) {
  let found
  return () => {
    found ??= { path: process.env.FIVEFOLD_BENCH_PYTHON ?? makeEnvironment(requirements, peers) }
    return found.path
  }
}

/** Another list of packages makes another environment. */
function makeEnvironment(requirements, peers) {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(homedir(), '.cache', 'fivefold-bench', key)
  const python = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'complete'))) return python
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    console.error(`making a Python environment for ${peers}, once`)
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'pipe' })
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', fileURLToPath(requirements)], { stdio: 'pipe' })
    writeFileSync(join(folder, 'complete'), '')
    return python
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    console.error(`only ours is measured, without peers: ${error.message.trim().split('\n').at(-1)}`)
    return undefined
  }
}
