import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { openTokenFile } from '../access/token-file.ts'
import { createServerMetrics } from '../metrics/server-metrics.ts'
import { CREDIT_ROW, creditModel } from '../model/servable.test.fixture.ts'
import { createRequestRecorder } from '../requests/request-recorder.ts'
import { type RunningServer, type ServeOptions, serveModels } from '../server/serve-models.ts'
import { createLineWriter, type LineWriter } from './line-writer.ts'
import { createRequestLog, type LoggedRequests } from './request-log.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fivefold-request-log-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let server: RunningServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

interface Line {
  readonly requestId: string
  readonly [field: string]: unknown
}

const linesOf = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)

async function serve(requests: LoggedRequests, options: Partial<ServeOptions> = {}): Promise<string> {
  const file = join(folder, `${Math.random()}.jsonl`)
  server = await serveModels({
    ...{ models: [creditModel()], context: createContext(), requestLog: { requests, file } },
    ...options,
  })
  return file
}

const predict = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server!.url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('the log of requests', () => {
  it('has a line for each, with model and parts, and under the id that the answer has', async () => {
    const file = await serve('all')
    const reply = await predict({ rows: [CREDIT_ROW] }, { 'x-request-id': 'mine-7' })
    expect(reply.headers.get('x-request-id')).toBe('mine-7')
    await predict({ rows: [{ age: 'no number' }] })
    await fetch(`${server!.url}/nothing/of/the/kind?secret=1`)
    await server!.close()
    const [first, second, third] = linesOf(file)
    expect(first).toEqual({
      ...{ time: expect.stringMatching(/^\d{4}-.*Z$/), level: 'info', message: 'request', requestId: 'mine-7' },
      ...{ method: 'POST', route: '/predict', status: 200, durationMs: expect.any(Number) },
      ...{ model: 'credit', version: '3' },
      stagesMs: {
        ...{ decode: expect.any(Number), queue: expect.any(Number) },
        ...{ compute: expect.any(Number), encode: expect.any(Number) },
      },
    })
    const parts = Object.values(first!.stagesMs as Record<string, number>)
    expect(parts.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(first!.durationMs as number)
    expect(second).toMatchObject({ status: 422, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(third).toMatchObject({ status: 404, route: 'unmatched' })
  })

  it('holds nothing of what was sent, nor who sent it from where', async () => {
    const file = await serve('all')
    const secrets = ['anna.smith', '4711-0815', '127.0.0.1', 'zebra']
    await predict({ rows: [{ ...CREDIT_ROW, job: 'anna.smith' }] }, { cookie: 'zebra', 'user-agent': 'zebra' })
    await predict({ rows: [{ ...CREDIT_ROW, job: 7, age: '4711-0815' }] })
    await fetch(`${server!.url}/models/anna.smith/predict?q=zebra`, { method: 'POST' })
    await server!.close()
    expect(linesOf(file).length).toBe(3)
    for (const secret of secrets) expect(readFileSync(file, 'utf8')).not.toContain(secret)
  })

  it('names whose token it was, and has no token', async () => {
    const tokensFile = join(folder, 'tokens.json')
    const token = await openTokenFile(tokensFile).addToken('web', 'predict')
    const file = await serve('all', { access: { tokensFile } })
    await predict({ rows: [CREDIT_ROW] }, { authorization: `Bearer ${token}` })
    await predict({ rows: [CREDIT_ROW] }, { authorization: 'Bearer guessed-secret' })
    await server!.close()
    const [known, unknown] = linesOf(file)
    expect(known).toMatchObject({ caller: 'web', status: 200 })
    expect(unknown).toMatchObject({ status: 401 })
    expect(unknown).not.toHaveProperty('caller')
    expect(readFileSync(file, 'utf8')).not.toMatch(/ff_|guessed/)
  })

  it('can be of errors alone', async () => {
    const file = await serve('errors')
    await predict({ rows: [CREDIT_ROW] })
    await predict({ rows: [{ age: 'no number' }] })
    await server!.close()
    expect(linesOf(file).map(({ status }) => status)).toEqual([422])
  })
})

const collect = (): { readonly lines: Line[]; readonly writer: LineWriter } => {
  const lines: Line[] = []
  return {
    lines,
    writer: { write: (line) => lines.push(JSON.parse(line)), takeDropped: () => 0, close: async () => {} },
  }
}

describe('a share', () => {
  it('is drawn by id, errors always', () => {
    const end = { route: '/predict', method: 'POST' }
    const logged = (share: number): string[] => {
      const { lines, writer } = collect()
      const log = createRequestRecorder(createServerMetrics(), [createRequestLog(share, writer)])
      for (let i = 0; i < 4000; i++) log.end(log.start(`id-${i}`), { ...end, status: 200 })
      for (let i = 0; i < 50; i++) log.end(log.start(`failed-${i}`), { ...end, status: 503 })
      return lines.map(({ requestId }) => requestId)
    }
    const [some, more] = [logged(0.1), logged(0.2)]
    expect(some.filter((id) => id.startsWith('failed')).length).toBe(50)
    // Binomial with 4000 draws: six standard deviations around 400.
    expect(Math.abs(some.length - 50 - 400)).toBeLessThan(114)
    expect(some).toEqual(logged(0.1))
    expect(some.filter((id) => !more.includes(id))).toEqual([])
  })

  it('makes one line of whatever a request id and names are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (id, name, version) => {
        const { lines, writer } = collect()
        const log = createRequestRecorder(createServerMetrics(), [createRequestLog('all', writer)])
        const record = log.start(id)
        record.model = { name, version }
        log.end(record, { route: '/predict', method: 'POST', status: 200 })
        expect(lines).toMatchObject([{ requestId: id, model: name, version }])
      }),
    )
  })
})

describe('a writer', () => {
  it('keeps lines whole and in order, and has written all of them when it is closed', async () => {
    const file = join(folder, 'lines.txt')
    const writer = createLineWriter(file)
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${'x'.repeat(i % 300)}`)
    for (const line of lines) writer.write(line)
    await writer.close()
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual(lines)
    expect(writer.takeDropped()).toBe(0)
  })

  it('does not fail where nothing can be written, and counts what it dropped', async () => {
    const writer = createLineWriter('/dev/full')
    // Ends once something is dropped.
    while (writer.takeDropped() === 0) {
      writer.write('x'.repeat(3000))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writer.close()
    writer.write('too late')
    expect(writer.takeDropped()).toBe(1)
  })
})
