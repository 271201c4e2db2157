import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext, systemClock, workerUrl } from '../../core/index.ts'
import { type Frame, frameOf, numberColumnOf, stringColumnOf } from '../../data/index.ts'
import { loggedInputs } from './log-columns.ts'
import { listLogFiles, segmentPath } from './log-files.ts'
import type { LogEntry, LogRecord, SegmentHeader } from './log-record.ts'
import { createPredictionLog, type PredictionLog, type PredictionLogOptions } from './prediction-log.ts'
import { readPredictionLog } from './read-prediction-log.ts'
import { decodeSegment, encodeRecord, encodeSegmentStart } from './segment-format.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fivefold-log-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const SCHEMA: PredictionLogOptions['schema'] = [
  { name: 'age', type: 'number', tensor: 'double' },
  { name: 'time', type: 'datetime', tensor: 'double' },
  { name: 'job', type: 'category', tensor: 'string' },
  { name: 'owner', type: 'boolean', tensor: 'bool' },
  { name: 'children', type: 'integer', tensor: 'int64' },
]
const NOW_MS = 1_700_000_000_000

function openLog(changes: Partial<PredictionLogOptions> = {}): Promise<PredictionLog> {
  const context = createContext({ clock: { ...systemClock, nowMs: () => NOW_MS } })
  const model = { name: 'credit', version: '3' }
  return createPredictionLog({ dir, model, schema: SCHEMA, classes: ['no', 'yes'], context, ...changes })
}

function entry(requestId: string, ages: readonly number[]): LogEntry {
  return {
    requestId,
    inputs: frameOf({
      age: ages,
      time: ages.map((age) => Math.round(age * 1000)),
      job: ages.map((age) => (Number.isNaN(age) ? null : `job ${age}`)),
      owner: ages.map((age) => age > 30),
      children: ages.map(() => 2),
    }),
    predictions: {
      kind: 'classes',
      classes: ['no', 'yes'],
      probabilities: Float64Array.from(ages.flatMap((age) => [1 - age / 100, age / 100])),
    },
    labels: ages.map((age) => (age > 30 ? 'yes' : 'no')),
  }
}

function textsOf(frame: Frame, name: string): (string | null)[] {
  const { codes, dictionary } = stringColumnOf(frame, name)
  return Array.from(codes, (code) => (code < 0 ? null : dictionary[code]!))
}

const numbersOf = (frame: Frame, name: string): number[] => Array.from(numberColumnOf(frame, name).values)

function expectTwoRequests(frame: Frame): void {
  expect(textsOf(frame, 'request_id')).toEqual(['a', 'a', 'b'])
  expect(numbersOf(frame, 'row')).toEqual([0, 1, 0])
  expect(numbersOf(frame, 'time')).toEqual([NOW_MS, NOW_MS, NOW_MS])
  expect(textsOf(frame, 'model_version')).toEqual(['3', '3', '3'])
  expect(numbersOf(frame, 'age')).toEqual([40, Number.NaN, 0.1 + 0.2])
  expect(numbersOf(frame, 'input_time')).toEqual([40_000, Number.NaN, 300])
  expect(textsOf(frame, 'job')).toEqual(['job 40', null, `job ${0.1 + 0.2}`])
  expect(numbersOf(frame, 'owner')).toEqual([1, 0, 0])
  expect(textsOf(frame, 'label')).toEqual(['yes', 'no', 'no'])
  expect(numbersOf(frame, 'probability_yes')).toEqual([0.4, Number.NaN, (0.1 + 0.2) / 100])
}

describe('createPredictionLog', () => {
  it('reads back what was appended, while it is written and after it became Parquet', async () => {
    const log = await openLog()
    await Promise.all([log.append(entry('a', [40, Number.NaN])), log.append(entry('b', [0.1 + 0.2]))])
    expectTwoRequests(await readPredictionLog(dir))
    await log.close()
    expect((await listLogFiles(dir)).segments).toEqual([])
    expectTwoRequests(await readPredictionLog(dir))
  })

  it('gives the inputs back under their own names, to compare them with other rows', async () => {
    const schema: PredictionLogOptions['schema'] = [
      { name: 'row', type: 'number', tensor: 'double' },
      { name: 'Row', type: 'category', tensor: 'string' },
    ]
    const log = await openLog({ schema })
    const inputs = frameOf({ row: [7, 8], Row: ['a', 'b'] })
    const predictions = entry('a', [40, 50]).predictions
    await log.append({ requestId: 'a', inputs, predictions, labels: ['no', 'no'] })
    for (const compacted of [false, true]) {
      if (compacted) await log.close()
      const found = loggedInputs(await readPredictionLog(dir), schema)
      expect(numbersOf(found, 'row')).toEqual([7, 8])
      expect(textsOf(found, 'Row')).toEqual(['a', 'b'])
    }
    const other = await readPredictionLog(dir)
    expect(() => loggedInputs(other, [{ name: 'age' }])).toThrow(
      expect.objectContaining({ code: 'DATA_COLUMN_UNKNOWN' }),
    )
  })

  it('reads a time range and a version', async () => {
    const log = await openLog({ context: createContext({ clock: { ...systemClock, nowMs: () => 5000 } }) })
    await log.append(entry('early', [1]))
    await log.close()
    const next = await openLog({ model: { name: 'credit', version: '4' } })
    await next.append(entry('late', [2]))
    for (const compacted of [false, true]) {
      if (compacted) await next.close()
      expect(textsOf(await readPredictionLog(dir, { untilMs: NOW_MS }), 'request_id')).toEqual(['early'])
      expect(textsOf(await readPredictionLog(dir, { sinceMs: NOW_MS }), 'request_id')).toEqual(['late'])
      expect(textsOf(await readPredictionLog(dir, { version: '4' }), 'request_id')).toEqual(['late'])
      expect((await readPredictionLog(dir)).rowCount).toBe(2)
    }
  })

  it('turns full segments into Parquet while it is being written', async () => {
    const log = await openLog({ segmentBytes: 2000 })
    for (let i = 0; i < 40; i++) await log.append(entry(`r${i}`, [i]))
    await log.close()
    expect((await listLogFiles(dir)).parquet.length).toBeGreaterThan(3)
    expect(textsOf(await readPredictionLog(dir), 'request_id')).toEqual(Array.from({ length: 40 }, (_, i) => `r${i}`))
  })

  it('keeps a request once when the process died between the Parquet file and the segment', async () => {
    const log = await openLog()
    await log.append(entry('a', [40]))
    await copyFile(segmentPath(dir, 1), join(dir, 'kept'))
    await log.close()
    await copyFile(join(dir, 'kept'), segmentPath(dir, 1))
    expect((await readPredictionLog(dir)).rowCount).toBe(1)
    await (await openLog()).close()
    expect((await listLogFiles(dir)).segments).toEqual([])
    expect((await readPredictionLog(dir)).rowCount).toBe(1)
  })

  it('drops a torn record and a half-written Parquet file, and goes on', async () => {
    const log = await openLog()
    await log.append(entry('a', [40]))
    const whole = (await stat(segmentPath(dir, 1))).size
    await log.append(entry('b', [41]))
    await copyFile(segmentPath(dir, 1), join(dir, 'kept'))
    await log.close()
    for (const name of await readdir(dir)) if (name.endsWith('.parquet')) await rm(join(dir, name))
    await copyFile(join(dir, 'kept'), segmentPath(dir, 1))
    await truncate(segmentPath(dir, 1), whole + 11)
    await writeFile(join(dir, '.predictions-0000000001.parquet.0a.tmp'), 'PAR1')
    const next = await openLog()
    await next.append(entry('c', [42]))
    await next.close()
    expect(textsOf(await readPredictionLog(dir), 'request_id')).toEqual(['a', 'c'])
    expect((await listLogFiles(dir)).leftovers).toEqual([])
  })

  it('keeps values that their column type does not promise, and names that differ in case alone', async () => {
    const schema: PredictionLogOptions['schema'] = [
      { name: 'x', type: 'integer', tensor: 'double' },
      { name: 'X', type: 'datetime', tensor: 'double' },
      { name: 'Time', type: 'boolean', tensor: 'double' },
    ]
    const log = await openLog({ schema, classes: ['a', 'A'] })
    const inputs = frameOf({ x: [1.5, 1e300], X: [0.5, 1e300], Time: [0.5, null] })
    const probabilities = Float64Array.of(0.25, 0.75, 1, 0)
    await log.append({ requestId: 'r', inputs, predictions: { kind: 'classes', classes: ['a', 'A'], probabilities } })
    await log.close()
    expect((await listLogFiles(dir)).segments).toEqual([])
    const frame = await readPredictionLog(dir)
    expect(numbersOf(frame, 'x')).toEqual([1.5, 1e300])
    expect(numbersOf(frame, 'X_2')).toEqual([0.5, 1e300])
    expect(numbersOf(frame, 'input_Time')).toEqual([0.5, Number.NaN])
    expect([numbersOf(frame, 'probability_a'), numbersOf(frame, 'probability_A_2')]).toEqual([
      [0.25, 1],
      [0.75, 0],
    ])
  })

  it('has one writer at a time', async () => {
    const log = await openLog()
    await expect(openLog()).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    await log.close()
    await (await openLog()).close()
  })

  it('takes over the lock of a process that is gone', async () => {
    const { pid } = spawn(process.execPath, ['--version'])
    await writeFile(
      join(dir, 'writer.lock'),
      JSON.stringify({ pid: 2 ** 22 + pid!, host: 'elsewhere', startedAtMs: 0 }),
    )
    await expect(openLog()).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    const host = hostname()
    await writeFile(join(dir, 'writer.lock'), JSON.stringify({ pid: 2 ** 22 + pid!, host, startedAtMs: 0 }))
    await (await openLog()).close()
  })

  it('refuses what comes after it was closed, and a folder that is not there', async () => {
    const log = await openLog()
    await log.close()
    await log.close()
    await expect(log.append(entry('a', [1]))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(readPredictionLog(join(dir, 'none'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' })
    expect((await readPredictionLog(dir)).rowCount).toBe(0)
  })
})

describe('segments', () => {
  const header: SegmentHeader = { format: 1, model: 'm', version: '1', inputs: SCHEMA, classes: [] }
  const records: LogRecord[] = ['a', 'b', 'ü'].map((id, i) => ({ id, timeMs: i, rows: 1, inputs: [[i]], outputs: [i] }))
  const whole = Buffer.concat([encodeSegmentStart(header), ...records.map(encodeRecord)])

  it('cut anywhere, hold exactly their whole records', () => {
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      const { records: read, droppedBytes } = decodeSegment(whole.subarray(0, bytes))
      expect(read).toEqual(records.slice(0, read.length))
      if (bytes === whole.length) expect([read.length, droppedBytes]).toEqual([3, 0])
    }
  })

  it('with a changed byte, never give a record that was not written', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(whole)
        damaged[at]! ^= change
        const { records: read } = decodeSegment(damaged)
        expect(read).toEqual(records.slice(0, read.length))
      }),
    )
  })
})

describe('a writer killed with SIGKILL', () => {
  /** Appends without end and says on stdout which requests were acknowledged. */
  const script = `
    import { writeSync } from 'node:fs'
    const { createPredictionLog } = await import(process.argv[1])
    const { createContext } = await import(process.argv[2])
    const log = await createPredictionLog({
      dir: process.argv[3], model: { name: 'm', version: '1' }, classes: [], segmentBytes: 3000,
      schema: [{ name: 'x', type: 'number', tensor: 'double' }], context: createContext({ threads: 1 }),
    })
    let next = 0
    const worker = async () => {
      for (;;) {
        const i = next++
        const requestId = process.argv[4] + '-' + i
        const column = { kind: 'number', values: Float64Array.of(i) }
        await log.append({
          requestId, inputs: { rowCount: 1, columns: new Map([['x', column]]) },
          predictions: { kind: 'number', values: Float64Array.of(2 * i) },
        })
        writeSync(1, requestId + '\\n')
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
  `

  async function writeUntilKilled(round: number, acknowledgements: number): Promise<string[]> {
    const log = workerUrl(import.meta.url, 'prediction-log').href
    const core = new URL('../../core/index.js', log).href
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, log, core, dir, `r${round}`])
    const errors: string[] = []
    child.stderr.on('data', (data: Buffer) => errors.push(data.toString()))
    const closed = once(child, 'close')
    const seen: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push(line)
      if (seen.length === acknowledgements) child.kill('SIGKILL')
    }
    const [, signal] = await closed
    expect([signal, errors.join('')]).toEqual(['SIGKILL', ''])
    return seen
  }

  it('loses nothing that it acknowledged and keeps nothing twice', async () => {
    const acknowledged: string[] = []
    for (const [round, count] of [1, 57, 400, 133].entries())
      acknowledged.push(...(await writeUntilKilled(round, count)))
    // What the last one left is recovered by the next writer.
    const before = await readPredictionLog(dir)
    await (await openLog()).close()
    for (const frame of [before, await readPredictionLog(dir)]) {
      const ids = textsOf(frame, 'request_id')
      expect(new Set(ids).size).toBe(ids.length)
      const found = new Set(ids)
      expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
      expect(numbersOf(frame, 'x')).toEqual(ids.map((id) => Number(id!.split('-')[1])))
      expect(numbersOf(frame, 'prediction')).toEqual(numbersOf(frame, 'x').map((x) => 2 * x))
    }
  })
})
