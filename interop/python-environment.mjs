/** Virtual environments under ~/.cache/fivefold-interop, one for each list of packages; kept between runs. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const lists = fileURLToPath(new URL('python', import.meta.url))

/** `{ python }`, the interpreter of an environment that holds what the list names, or `{ reason }` why there is none. */
export function pythonEnvironment(list) {
  const requirements = join(lists, list)
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(homedir(), '.cache/fivefold-interop', key)
  const python = join(folder, 'bin/python')
  if (existsSync(join(folder, 'complete'))) return { python }
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
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 900_000 })
  if (status === 0) return undefined
  return `${what}: ${error?.message ?? stderr?.trim().split('\n').at(-1) ?? ''}`
}
