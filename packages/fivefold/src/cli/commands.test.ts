import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createContext } from '../core/index.ts'
import { serveBundle } from '../operate/index.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'fivefold-cli-'))
const model = join(folder, 'out', 'model')
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a command line; what it printed as JSON, what it said on stderr. */
async function fivefold(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0),
  ]
  try {
    const code = await runCli([...args, '--json'])
    return { code, json: JSON.parse(out.join('')), stderr: err.join('') }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.exitCode = 0
  }
}

function write(name: string, header: string, rows: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, `${[header, ...rows].join('\n')}\n`)
  return path
}

/** Customers of whom those with many calls leave. */
const customers = (count: number, plan = 'basic'): string[] =>
  Array.from({ length: count }, (_, i) => {
    const calls = (i * 7) % 11
    return `k${i},${calls},${i % 3 === 0 ? 'plus' : plan},${calls + (i % 5) > 7 ? 'yes' : 'no'}`
  })

beforeAll(async () => {
  const data = write('customers.csv', 'id,calls,plan,left', customers(400))
  const store = join(folder, 'store')
  const config = write('fivefold.config.mjs', '', [
    `export default ${JSON.stringify({ name: 'customers', data, target: 'left', out: join(folder, 'out'), store })}`,
  ])
  const { code, json } = await fivefold('run', '--config', config, '--quiet', '--threads', '1')
  expect([code, json.error]).toEqual([0, undefined])
}, 60_000)

describe('fivefold predict', () => {
  it('keeps columns to join by, and warns of columns left out and categories never seen', async () => {
    const data = write('new.csv', 'id,calls,plan,note', ['007,3,basic,a', 'x8,9,gold,b', '9,1,gold,', '10,1,plus,c'])
    const out = join(folder, 'predictions.csv')
    const { code, json, stderr } = await fivefold(
      'predict',
      '--model',
      model,
      '--data',
      data,
      '--out',
      out,
      '--keep',
      'id',
    )
    expect(code).toBe(0)
    expect(json).toEqual({
      rows: 4,
      out,
      warnings: [
        'columns that are not asked for are left out: note',
        "column 'plan': 2 rows hold categories that no training row had: 'gold' (2)",
      ],
    })
    expect(stderr).toContain("warning: column 'plan': 2 rows")
    const [header, ...rows] = readFileSync(out, 'utf8').trim().split('\n')
    expect(header).toBe('id,label,probability_no,probability_yes')
    expect(rows.map((row) => row.split(',').slice(0, 2).join())).toEqual(['007,no', 'x8,yes', '9,no', '10,no'])
  })

  it('refuses to keep what is not there, or what would hide a prediction', async () => {
    const data = write('labelled.csv', 'calls,plan,label', ['3,basic,a'])
    const keep = async (name: string) =>
      (await fivefold('predict', '--model', model, '--data', data, '--out', join(folder, 'p.csv'), '--keep', name)).json
    expect(await keep('label')).toMatchObject({ error: { code: 'CLI_USAGE' } })
    expect(await keep('key')).toMatchObject({ error: { code: 'DATA_COLUMN_UNKNOWN' } })
  })
})

describe('fivefold monitor', () => {
  it('takes the prediction log of a server as current data', async () => {
    const logDir = join(folder, 'log')
    const server = await serveBundle({ bundle: model, logDir, context: createContext() })
    const rows = Array.from({ length: 300 }, (_, i) => ({ calls: 8 + (i % 3), plan: 'basic' }))
    const answer = await fetch(`${server.url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows }),
    })
    expect(answer.status).toBe(200)
    const flags = ['--reference', model, '--current', logDir, '--out', join(folder, 'drift')]
    const live = await fivefold('monitor', ...flags)
    await server.close()
    const closed = await fivefold('monitor', ...flags, '--since', '2020-01-01')
    expect(live.json.rows).toMatchObject({ current: 300 })
    expect(live.json.columns).toContainEqual(expect.objectContaining({ column: 'calls', alarm: true }))
    expect(closed.json).toEqual(live.json)
    const none = await fivefold('monitor', ...flags, '--until', '2020-01-01')
    expect(none.json).toMatchObject({ error: { code: 'DATA_EMPTY' } })
  })
})
