import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../../core/index.ts'
import { type Frame, frameOf, type Predictions, type Schema, type Target } from '../../data/index.ts'
import { createDriftMonitor, type DriftBatch } from './drift-monitor.ts'

const schema: Schema = {
  columns: [
    { name: 'x', type: 'number', tensor: 'double', nullable: false, evidence: 'declared' },
    { name: 'k', type: 'category', tensor: 'string', nullable: false, evidence: 'declared' },
  ],
}

const rng = createRng(2)
function rows(count: number, shift: number): Frame {
  return frameOf({
    x: Array.from({ length: count }, () => shift + rng.normal()),
    k: Array.from({ length: count }, () => 'abcdef'[rng.int(6)]!),
  })
}

/** A model that says a class by x, and what was true. */
function batch(count: number, shift: number, wrongShare = 0.1): Required<DriftBatch> {
  const frame = rows(count, shift)
  const x = frame.columns.get('x')!
  const scores = x.kind === 'number' ? x.values.map((value) => 1 / (1 + Math.exp(-value))) : new Float64Array()
  const probabilities = Float64Array.from({ length: 2 * count }, (_, i) =>
    i % 2 === 1 ? scores[(i - 1) / 2]! : 1 - scores[i / 2]!,
  )
  const codes = Int32Array.from(scores, (score) => (score >= 0.5 !== rng.next() < wrongShare ? 1 : 0))
  const predictions: Predictions = { kind: 'classes', classes: ['no', 'yes'], probabilities }
  const labels: Target = { kind: 'classes', classes: ['no', 'yes'], codes }
  return { frame, predictions, labels }
}

const context = createContext({ seed: 9 })

describe('createDriftMonitor', () => {
  it('cuts the stream into windows, whatever the batches, and finds where it turned', async () => {
    const monitor = createDriftMonitor({ reference: rows(1000, 0), schema, windowRows: 200, context })
    const reports = await Promise.all(
      [150, 30, 420, 90, 110].map((count, i) => monitor.push({ frame: rows(count, i < 3 ? 0 : 1) })),
    )
    expect(reports.map((some) => some.length)).toEqual([0, 0, 3, 0, 1])
    const flat = reports.flat()
    expect(flat.map(({ window }) => [window.start, window.end])).toEqual([
      [0, 200],
      [200, 400],
      [400, 600],
      [600, 800],
    ])
    expect(flat.map(({ drift }) => drift)).toEqual([false, false, false, true])
    expect(monitor.pendingRows).toBe(0)
  })

  it('flushes what waits', async () => {
    const monitor = createDriftMonitor({ reference: rows(300, 0), schema, windowRows: 100, context })
    await monitor.push({ frame: rows(60, 0) })
    expect(monitor.pendingRows).toBe(60)
    expect((await monitor.flush())?.rows.current).toBe(60)
    expect(await monitor.flush()).toBeUndefined()
  })

  it('sees errors grow where only the relation to the target changed', async () => {
    const reference = batch(1000, 0)
    const monitor = createDriftMonitor({
      reference: reference.frame,
      referencePredictions: reference.predictions,
      referenceLabels: reference.labels,
      schema,
      windowRows: 500,
      context,
    })
    const [same] = await monitor.push(batch(500, 0))
    const [worse] = await monitor.push(batch(500, 0, 0.4))
    expect(same!.drift).toBe(false)
    const alarms = worse!.predictions.flatMap(({ tests }) => tests.filter((test) => test.alarm))
    expect(alarms.map(({ aspect }) => aspect)).toEqual(['error'])
    const { performance } = worse!
    expect(performance!.realized!.accuracy!.value).toBeLessThan(performance!.reference!.accuracy!.low)
    expect(performance!.estimated!.accuracy!.value).toBeGreaterThan(performance!.realized!.accuracy!.high)
  })

  it('refuses what does not fit', async () => {
    const options = { reference: rows(100, 0), schema, windowRows: 50, context }
    expect(() => createDriftMonitor({ ...options, windowRows: 0 })).toThrow(/windowRows/)
    const monitor = createDriftMonitor(options)
    await expect(monitor.push(batch(10, 0))).rejects.toMatchObject({ code: 'MODEL_INPUT' })
    await monitor.push({ frame: rows(10, 0) })
    await expect(monitor.push({ frame: frameOf({ x: [1] }) })).rejects.toMatchObject({ code: 'DATA_COLUMN_UNKNOWN' })
    // A refused batch leaves nothing behind and does not block the next.
    expect(monitor.pendingRows).toBe(10)
    expect(await monitor.push({ frame: rows(40, 0) })).toHaveLength(1)
  })
})
