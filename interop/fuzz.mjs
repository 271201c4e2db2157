/**
 * Requests that schemathesis makes up from `/openapi.json`, sent to `fivefold serve` with the protocols that need no other files on: no 5xx, the server lives,
 * and answers are as the description says. Needs `npm run build` before.
 *
 *   node interop/fuzz.mjs --minutes 10 [--seed N]
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeMlp } from '../bench/serving/model.mjs'
import { startServer } from '../bench/serving/soak/phase.mjs'
import { churnRows, writeCsv } from '../e2e/tables.mjs'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const main = here('../packages/fivefold/dist/cli/main.js')
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
]

export const { python, reason } = pythonEnvironment(suiteRequirements('requirements-schemathesis.txt'))

/** Which model is the default one, and so the one that the description is exact about. */
export const DEFAULTS = ['a bundle', 'an ONNX model']

/** Sends requests for so many seconds; `{ passed, said }`. */
export async function fuzz(defaultModel, { seconds, seed }) {
  const folder = mkdtempSync(join(tmpdir(), 'fivefold-fuzz-'))
  const models = modelsIn(folder)
  if (defaultModel === 'an ONNX model') models.reverse()
  const server = await startServer(main, [...models.flatMap((model) => ['--model', model]), '--allow-management'])
  try {
    const { code, said } = await schemathesis(server.url, seconds, seed)
    const end = server.ended()
    return {
      passed: code === 0 && end === undefined,
      said: end === undefined ? said : `${said}\nthe server ended: ${end}`,
    }
  } finally {
    if (server.ended() === undefined) await server.stop()
    rmSync(folder, { recursive: true })
  }
}

function modelsIn(folder) {
  writeCsv(folder, 'churn.csv', churnRows(400))
  const args = ['run', '--data', 'churn.csv', '--target', 'churn', '--budget', '5s', '--out', 'out']
  const run = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(run.stderr)
  writeMlp(join(folder, 'mlp.onnx'))
  return [join(folder, 'out/model'), join(folder, 'mlp.onnx')]
}

async function schemathesis(url, seconds, seed) {
  const config = ['--config-file', here('schemathesis.toml'), 'run', `${url}/openapi.json`]
  const phases = ['--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join(), '--max-time', String(seconds)]
  const child = spawn(join(dirname(python), 'st'), [...config, ...phases, '--seed', String(seed), '--no-color'], {
    env: { ...process.env, PYTHONPATH: here('python'), SCHEMATHESIS_HOOKS: 'schemathesis_hooks' },
    cwd: tmpdir(),
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text
    })
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, said }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } })
  if (reason) throw new Error(reason)
  const seed = values.seed ?? Math.floor(Math.random() * 2 ** 31)
  for (const model of DEFAULTS) {
    const { passed, said } = await fuzz(model, { seconds: Math.ceil(30 * Number(values.minutes)), seed })
    console.log(said)
    if (!passed) process.exitCode = 1
  }
}
