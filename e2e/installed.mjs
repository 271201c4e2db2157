/** The installed command line, as tests use it. */
import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const project = process.env.FIVEFOLD_INSTALLED
assert.ok(project, 'run these tests through `node e2e/run.mjs`')
export const mainFile = join(project, 'node_modules/fivefold/dist/cli/main.js')

/** A folder of its own outside the repository, removed when the tests of the file are done. */
export function workFolder(name = 'work') {
  const folder = mkdtempSync(join(tmpdir(), `fivefold-${name}-`))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the command line; `done` resolves with exit code, output and `json`, its stdout parsed where it is JSON. */
export function start(args, { cwd = workFolder(), env = {}, command = process.execPath, first = [mainFile] } = {}) {
  const child = spawn(command, [...first, ...args.map(String)], { cwd, env: { ...process.env, ...env } })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  const done = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...output, json: parsed(output.stdout) }))
  })
  return { child, output, done }
}

export function fivefold(args, options) {
  return start(args, options).done
}

export function npx(args, options = {}) {
  return start(args, { cwd: project, ...options, command: 'npx', first: ['--no-install', 'fivefold'] }).done
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What every refusal looks like: one JSON document that says code, message and remedy; no stack trace anywhere. */
export function assertError(result, { exitCode, codes }) {
  const said = `exit ${result.code}\nstdout: ${result.stdout.slice(0, 2000)}\nstderr: ${result.stderr.slice(0, 2000)}`
  assert.ok(result.json?.error, `stdout is no error document: ${said}`)
  const { code, message, remedy, issues } = result.json.error
  assert.ok(codes.includes(code), `code ${code} is none of ${codes}: ${said}`)
  assert.equal(result.code, exitCode, said)
  assert.ok(typeof message === 'string' && message.length > 0, said)
  assert.ok(typeof remedy === 'string' && remedy.length > 0, said)
  assert.ok(Array.isArray(issues), said)
  assertNoStackTrace(result)
}

export function assertNoStackTrace({ stdout, stderr }) {
  for (const text of [stdout, stderr]) {
    assert.doesNotMatch(text, /^\s+at .+:\d+:\d+\)?$/m)
    assert.doesNotMatch(text, /node:internal|UnhandledPromiseRejection/)
  }
}

export function assertDone(result) {
  assert.equal(
    result.code,
    0,
    `exit ${result.code}\nstdout: ${result.stdout.slice(-2000)}\nstderr: ${result.stderr.slice(-3000)}`,
  )
}

/** No bundle, or a whole one; and no temporary files left beside it. */
export function assertNothingHalfWritten(out) {
  if (!existsSync(out)) return
  assert.ok(!existsSync(join(out, 'model')) || existsSync(join(out, 'model/fivefold.json')), 'half a bundle is left')
  const leftOver = readdirSync(out, { recursive: true }).filter((name) => /\.tmp|\.partial|~$/.test(name))
  assert.deepEqual(leftOver, [])
}

/** A shared table beside the checkout; undefined where it is missing, which CI does not allow. */
export function sharedTable(path) {
  for (let folder = process.env.FIVEFOLD_REPOSITORY; ; folder = dirname(folder)) {
    const found = join(folder, '..', 'shared', 'data', 'tabular', path)
    if (existsSync(found)) return found
    if (dirname(folder) === folder) break
  }
  if (process.env.CI === 'true') throw new Error(`../shared/data/tabular/${path} is missing`)
  return undefined
}

export const skipWithout = (path) => (path ? false : 'since ../shared/data is missing')
