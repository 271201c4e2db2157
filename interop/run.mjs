/**
 * Interoperability: what Fivefold makes, opened by the tools that it claims to work with. Makes its own Python
 * environment under ~/.cache/fivefold-interop and keeps it; says SKIPPED and ends with 0 where that cannot be made.
 * Needs `npm run build` before. `node interop/run.mjs [name...]` runs only the suites whose name contains a word.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const repository = join(here, '..')
const words = process.argv.slice(2)

const main = join(repository, 'packages/fivefold/dist/cli/main.js')
if (!existsSync(main)) {
  console.error('packages/fivefold/dist is missing: run `npm run build` first')
  process.exit(1)
}

const python = pythonEnvironment()
const tests = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs') && (words.length === 0 || words.some((word) => name.includes(word))))
  .map((name) => join(here, name))
const runner = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...tests], {
  stdio: 'inherit',
  env: { ...process.env, FIVEFOLD_PYTHON: python, FIVEFOLD_MAIN: main, FIVEFOLD_REPOSITORY: repository },
})
runner.on('exit', (code) => process.exit(code ?? 1))
// The runner ends with us.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => runner.kill('SIGTERM'))

/** Path of the interpreter of an environment that holds the requirements; another list makes another environment. */
function pythonEnvironment() {
  const requirements = join(here, 'python/requirements.txt')
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(homedir(), '.cache/fivefold-interop', key)
  const interpreter = join(folder, 'bin/python')
  if (existsSync(join(folder, 'complete'))) return interpreter
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  attempt('python3', ['-m', 'venv', folder], 'python3 cannot make a virtual environment', folder)
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  attempt(interpreter, install, 'pip cannot install the Python packages', folder)
  writeFileSync(join(folder, 'complete'), '')
  return interpreter
}

function attempt(command, args, reason, folder) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 900_000 })
  if (status === 0) return
  rmSync(folder, { recursive: true, force: true })
  const detail = error?.message ?? stderr?.trim().split('\n').at(-1) ?? ''
  console.log(`SKIPPED: ${reason}: ${detail}`)
  process.exit(0)
}
