/**
 * Interoperability: what Fivefold makes, opened by the tools that it claims to work with. Makes its own Python
 * environment under ~/.cache/fivefold-interop and keeps it; says SKIPPED and ends with 0 where that cannot be made.
 * Needs `npm run build` before. `node interop/run.mjs [name...]` runs only the suites whose name contains a word.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment } from './python-environment.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const repository = join(here, '..')
const words = process.argv.slice(2)

const main = join(repository, 'packages/fivefold/dist/cli/main.js')
if (!existsSync(main)) {
  console.error('packages/fivefold/dist is missing: run `npm run build` first')
  process.exit(1)
}

const { python, reason } = pythonEnvironment('requirements.txt')
if (reason) {
  console.log(`SKIPPED: ${reason}`)
  process.exit(0)
}
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
