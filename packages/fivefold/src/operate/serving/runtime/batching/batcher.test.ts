import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floats } from '../../../../onnx/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { type BatchingOptions, createBatcher } from './batcher.ts'

/** Answers each row with its sum, and remembers the shapes that it was given. */
function summing(isBatched = true) {
  const shapes: (readonly number[])[] = []
  let gate: Promise<void> = Promise.resolve()
  const run: Servable['run'] = async ({ x }) => {
    shapes.push(x!.shape)
    await gate
    const [rows = 0, width = 0] = x!.shape
    const data = x!.data as Float32Array
    if (data.includes(-1)) throw new Error('a row that the model does not take')
    const sums = Array.from({ length: rows }, (_, row) =>
      data.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0),
    )
    return { sum: floats(sums, [rows, 1]) }
  }
  return {
    model: { run, isBatched, inputs: [{ name: 'x', type: 'float' as const, shape: [-1, -1] }] },
    shapes,
    hold: () => {
      let release = (): void => {}
      gate = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
  }
}

const rowsOf = (rows: number, width: number, value: number): Tensors => ({
  x: floats(new Float32Array(rows * width).fill(value), [rows, width]),
})
const sumsOf = (answer: Tensors): number[] => Array.from(answer.sum!.data as Float32Array)
const ask = (feeds: Tensors, signal?: AbortSignal) => ({ feeds, timeoutMs: 10_000, ...(signal ? { signal } : {}) })
const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('createBatcher', () => {
  it('hands every request its own rows, whatever arrives, is given up, or fails', async () => {
    const request = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 2 }),
      value: fc.integer({ min: -1, max: 50 }),
      waitTicks: fc.nat(2),
      abortAfter: fc.option(fc.nat(3), { nil: undefined }),
    })
    const limits = fc.record({ maxBatchRows: fc.integer({ min: 1, max: 12 }), maxRuns: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 25 }),
        limits,
        fc.boolean(),
        async (requests, options, isBatched) => {
          const { model, shapes } = summing(isBatched)
          const batcher = createBatcher(model, options)
          const answers = requests.map(async ({ rows, width, value, waitTicks, abortAfter }) => {
            for (let i = 0; i < waitTicks; i++) await tick()
            const controller = new AbortController()
            const answer = batcher.run(ask(rowsOf(rows, width, value), controller.signal))
            const settled = answer.then(
              sumsOf,
              (error: { code?: string; message: string }) => error.code ?? error.message,
            )
            if (abortAfter !== undefined) {
              for (let i = 0; i < abortAfter; i++) await tick()
              controller.abort()
            }
            const own = value < 0 ? 'a row that the model does not take' : new Array(rows).fill(value * width)
            const got = await settled
            if (!(abortAfter !== undefined && got === 'CANCELLED')) expect(got).toEqual(own)
          })
          await Promise.all(answers)
          await batcher.drain()
          if (isBatched) for (const [rows] of shapes) expect(rows).toBeLessThanOrEqual(options.maxBatchRows)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('never mixes requests of other widths or outputs', async () => {
    const { model, shapes } = summing()
    const batcher = createBatcher(model)
    const answers = await Promise.all([1, 2, 1, 2].map((width) => batcher.run(ask(rowsOf(1, width, 5)))))
    expect(answers.map(sumsOf)).toEqual([[5], [10], [5], [10]])
    expect(shapes).toEqual([
      [2, 1],
      [2, 2],
    ])
    await Promise.all([batcher.run(ask(rowsOf(1, 1, 1))), batcher.run({ ...ask(rowsOf(1, 1, 1)), outputs: ['sum'] })])
    expect(shapes.slice(2)).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  it('waits for others as long as it may, and no longer than until a run is full', async () => {
    const { model, shapes } = summing()
    const batcher = createBatcher(model, { maxDelayMs: 20, maxBatchRows: 3 })
    const first = batcher.run(ask(rowsOf(1, 1, 1)))
    await tick()
    await tick()
    expect(shapes).toEqual([])
    const others = [batcher.run(ask(rowsOf(1, 1, 2))), batcher.run(ask(rowsOf(1, 1, 3)))]
    await tick()
    await tick()
    expect(shapes).toEqual([[3, 1]])
    expect((await Promise.all([first, ...others])).map(sumsOf)).toEqual([[1], [2], [3]])
    expect(sumsOf(await batcher.run(ask(rowsOf(1, 1, 4))))).toEqual([4])
  })

  const busy = async (options: BatchingOptions) => {
    const { model, hold, shapes } = summing()
    const batcher = createBatcher(model, { maxRuns: 1, ...options })
    const release = hold()
    const running = batcher.run(ask(rowsOf(1, 1, 1)))
    await tick()
    await tick()
    return { batcher, release, running, shapes }
  }

  it('refuses what comes when too many rows wait', async () => {
    const { batcher, release, running } = await busy({ maxWaitingRows: 4 })
    const waiting = batcher.run(ask(rowsOf(4, 1, 1)))
    await expect(batcher.run(ask(rowsOf(1, 1, 1)))).rejects.toMatchObject({ code: 'SERVER_OVERLOADED' })
    release()
    await Promise.all([running, waiting])
    await expect(batcher.run(ask(rowsOf(1, 1, 1)))).resolves.toBeDefined()
  })

  it('takes requests that were given up or are late out of the queue', async () => {
    const { batcher, release, running, shapes } = await busy({ maxWaitingRows: 2 })
    const controller = new AbortController()
    const aborted = batcher.run(ask(rowsOf(1, 1, 1), controller.signal))
    const late = batcher.run({ feeds: rowsOf(1, 1, 1), timeoutMs: 5 })
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' })
    const next = batcher.run(ask(rowsOf(2, 1, 1)))
    release()
    await Promise.all([running, next])
    expect(shapes).toEqual([
      [1, 1],
      [2, 1],
    ])
    await expect(batcher.run(ask(rowsOf(1, 1, 1), AbortSignal.abort()))).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('drains', async () => {
    const { batcher, release, running } = await busy({})
    let isDrained = false
    const drained = batcher.drain().then(() => {
      isDrained = true
    })
    await tick()
    expect(isDrained).toBe(false)
    release()
    await running
    await drained
  })
})

describe('work in the background', () => {
  const background = (rows: number) => ({ ...ask(rowsOf(rows, 1, 1)), isBackground: true })

  it('runs when nothing else waits or runs, a batch at a time', async () => {
    const { model, shapes, hold } = summing()
    const batcher = createBatcher(model, { maxBatchRows: 4 })
    const release = hold()
    const first = batcher.run(ask(rowsOf(1, 1, 1)))
    await tick()
    const later = batcher.run(background(8))
    const second = batcher.run(ask(rowsOf(2, 1, 1)))
    await tick()
    release()
    await Promise.all([first, second, later, batcher.drain()])
    expect(shapes.map(([rows]) => rows)).toEqual([1, 2, 4, 4])
    expect(sumsOf(await later)).toEqual(new Array(8).fill(1))
  })

  it('neither takes the place of live requests in the queue nor has its own taken', async () => {
    const { model, hold } = summing()
    const batcher = createBatcher(model, { maxWaitingRows: 4, maxRuns: 1 })
    const release = hold()
    const running = batcher.run(ask(rowsOf(1, 1, 1)))
    await tick()
    const accepted = [batcher.run(background(4)), batcher.run(ask(rowsOf(4, 1, 1)))]
    await expect(batcher.run(background(1))).rejects.toMatchObject({ code: 'SERVER_OVERLOADED' })
    await expect(batcher.run(ask(rowsOf(1, 1, 1)))).rejects.toMatchObject({ code: 'SERVER_OVERLOADED' })
    release()
    await Promise.all([running, ...accepted])
  })

  it('leaves when it is given up', async () => {
    const { model, shapes, hold } = summing()
    const batcher = createBatcher(model)
    const release = hold()
    const running = batcher.run(ask(rowsOf(1, 1, 1)))
    await tick()
    const gone = new AbortController()
    const given = batcher.run({ ...background(3), signal: gone.signal })
    gone.abort()
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' })
    release()
    await running
    await batcher.drain()
    expect(shapes.length).toBe(1)
  })
})
