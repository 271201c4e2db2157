import { strict as assert } from 'node:assert'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  assertDone,
  assertError,
  assertNoStackTrace,
  assertNothingHalfWritten,
  fivefold,
  mainFile,
  start,
  workFolder,
} from '../installed.mjs'
import { churnRows, writeCsv } from '../tables.mjs'

const ARGS = ['run', '--data', 'churn.csv', '--target', 'churn', '--out', 'out', '--json']

function cachedResults(cwd) {
  const cache = join(cwd, '.fivefold/cache')
  return existsSync(cache) ? readdirSync(cache, { recursive: true }).length : 0
}

async function until(condition, running) {
  let over = false
  running.done.then(() => {
    over = true
  })
  while (!condition() && !over) await pause(10)
  assert.ok(!over, `ended too early: ${running.output.stdout.slice(0, 500)} ${running.output.stderr.slice(0, 500)}`)
}

describe('Ctrl-C', () => {
  it('ends with 130 and leaves nothing half-written; the next run goes on from there', async () => {
    const cwd = workFolder('interrupt')
    writeCsv(cwd, 'churn.csv', churnRows(20_000))
    const running = start(ARGS, { cwd })
    await until(() => cachedResults(cwd) > 0, running)
    running.child.kill('SIGINT')
    const interrupted = await running.done
    assertError(interrupted, { exitCode: 130, codes: ['CANCELLED'] })
    assert.ok(!existsSync(join(cwd, 'out/model')))
    assertNothingHalfWritten(join(cwd, 'out'))
    const resumed = await fivefold(ARGS, { cwd })
    assertDone(resumed)
    assert.ok(
      resumed.json.stages.some(({ cached }) => cached),
      JSON.stringify(resumed.json.stages),
    )
  })

  it('is answered while the code is still being loaded', async () => {
    const cwd = workFolder('early')
    writeCsv(cwd, 'churn.csv', churnRows(100))
    // Node itself takes a moment to start, in which no program can answer; signals are swallowed until ours does.
    const preload = 'data:text/javascript,process.on("SIGINT",()=>{});process.stderr.write("started\\n")'
    const running = start(ARGS, { cwd, first: ['--import', preload, mainFile] })
    await until(() => running.output.stderr.includes('started'), running)
    const signals = setInterval(() => running.child.kill('SIGINT'), 20)
    const interrupted = await running.done
    clearInterval(signals)
    assertError(interrupted, { exitCode: 130, codes: ['CANCELLED'] })
    assert.ok(!existsSync(join(cwd, 'out')))
  })

  it('killed outright, the next run still finishes', async () => {
    const cwd = workFolder('killed')
    writeCsv(cwd, 'churn.csv', churnRows(20_000))
    const running = start(ARGS, { cwd })
    await until(() => cachedResults(cwd) > 0, running)
    running.child.kill('SIGKILL')
    assert.equal((await running.done).signal, 'SIGKILL')
    assert.ok(!existsSync(join(cwd, 'out/model')))
    assertDone(await fivefold(ARGS, { cwd }))
  })

  it('a server answers what it has and ends with 0', async () => {
    const cwd = workFolder('serve')
    writeCsv(cwd, 'churn.csv', churnRows(600))
    assertDone(await fivefold(ARGS, { cwd }))
    const running = start(['serve', '--model', 'out/model', '--port', '0', '--json'], { cwd })
    try {
      await until(() => running.output.stdout.trimEnd().endsWith('}'), running)
      const { url, model } = JSON.parse(running.output.stdout)
      const ready = await fetch(`${url}/v2/health/ready`)
      assert.equal(ready.status, 200)
      const inputs = [
        { name: 'age', shape: [2, 1], datatype: 'FP64', data: [20, 60] },
        { name: 'income', shape: [2, 1], datatype: 'FP64', data: [1500, 5000] },
        { name: 'plan', shape: [2, 1], datatype: 'BYTES', data: ['pro', 'basic'] },
        { name: 'day', shape: [2, 1], datatype: 'FP64', data: [Date.UTC(2024, 0, 5), Date.UTC(2024, 0, 6)] },
      ]
      const described = await (await fetch(`${url}/v2/models/${model}`)).json()
      const needed = new Map(described.inputs.map((input) => [input.name, input]))
      const body = JSON.stringify({
        inputs: inputs
          .filter(({ name }) => needed.has(name))
          .map((input) => ({ ...input, datatype: needed.get(input.name).datatype })),
      })
      const answer = await fetch(`${url}/v2/models/${model}/infer`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      const text = await answer.text()
      assert.equal(answer.status, 200, text)
      assert.ok(
        JSON.parse(text).outputs.some(({ name, data }) => name === 'label' && data.length === 2),
        text,
      )
      running.child.kill('SIGINT')
      const ended = await running.done
      assert.equal(ended.code, 0, ended.stderr)
      assertNoStackTrace(ended)
    } finally {
      // A failed assertion must not leave a server that keeps the runner waiting.
      running.child.kill('SIGKILL')
    }
  })
})
