import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Context, createContext } from '../../../../core/index.ts'
import { judge, promisedBy, type SloOptions } from './objectives.ts'
import { createSloTracker } from './slo-tracker.ts'

let folder = ''
let stateFile = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-slo-'))
  stateFile = join(folder, 'slo.json')
})
afterEach(() => rm(folder, { recursive: true }))

let nowMs = 1_750_000_000_000
const context: Context = createContext({ clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } })
const PROMISE: SloOptions = { availability: 0.99, latency: { thresholdMs: 50, target: 0.9 } }

describe('createSloTracker', () => {
  it('reports budgets, burn rates and which alerts fire', async () => {
    const tracker = await createSloTracker(PROMISE, context)
    tracker.add((name) => (name === 'availability' ? { events: 1000, bad: 300 } : { events: 700, bad: 0 }))
    nowMs += 60_000
    const { objectives, isKept, windowSeconds } = tracker.report()
    expect([isKept, windowSeconds]).toEqual([false, 30 * 86_400])
    const [availability, latency] = objectives
    expect(availability).toMatchObject({ events: 1000, badEvents: 300, goodShare: 0.7, coveredSeconds: 60 })
    expect(availability!.budgetLeft).toBeCloseTo(-29)
    expect(availability!.burnRates.map(({ rate }) => Math.round(rate!))).toEqual([30, 30, 30, 30, 30])
    expect(availability!.alerts.map(({ isFiring }) => isFiring)).toEqual([true, true, true])
    expect(latency).toMatchObject({ thresholdMs: 50, events: 700, budgetLeft: 1 })
    expect(latency!.alerts.map(({ isFiring }) => isFiring)).toEqual([false, false])
  })

  it('remembers over restarts, and forgets counts for another threshold', async () => {
    const options = { ...PROMISE, stateFile }
    const first = await createSloTracker(options, context)
    first.add(() => ({ events: 10, bad: 4 }))
    await first.save()
    const again = await createSloTracker(options, context)
    again.add(() => ({ events: 10, bad: 0 }))
    expect(again.report().objectives.map(({ events, badEvents }) => [events, badEvents])).toEqual([
      [20, 4],
      [20, 4],
    ])
    const other = await createSloTracker({ ...options, latency: { thresholdMs: 20, target: 0.9 } }, context)
    expect(other.report().objectives.map(({ events }) => events)).toEqual([10, 0])
  })

  it.each(['', 'null', '{"format":2}', '{"format":1,"objectives":[{"name":"availability"}]}'])(
    'refuses a state file of %j instead of overwriting it',
    async (content) => {
      await writeFile(stateFile, content)
      const options = { ...PROMISE, stateFile }
      await expect(createSloTracker(options, context)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      expect(await readFile(stateFile, 'utf8')).toBe(content)
    },
  )

  it('goes on and says so where the state cannot be written', async () => {
    const said: string[] = []
    const log = { ...context.log, warn: (message: string) => void said.push(message) }
    await writeFile(join(folder, 'file'), '')
    const tracker = await createSloTracker(PROMISE, { ...context, log })
    await tracker.save()
    expect(said).toEqual([])
    const lost = await createSloTracker(
      { ...PROMISE, stateFile: join(folder, 'later', 'slo.json') },
      { ...context, log },
    )
    await writeFile(join(folder, 'later'), 'a file where a folder should be')
    await lost.save()
    expect(said).toEqual(['the counts of objectives cannot be written'])
  })
})

describe('promisedBy', () => {
  it.each<SloOptions>([
    {},
    { availability: 1 },
    { availability: 99.9 },
    { availability: Number.NaN },
    { availability: 0.9, windowSeconds: 60 },
    { latency: { thresholdMs: 0, target: 0.9 } },
    { latency: { thresholdMs: Number.POSITIVE_INFINITY, target: 0.9 } },
  ])('refuses %j', (options) => {
    expect(() => promisedBy(options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})

describe('judge', () => {
  const [availability, latency] = promisedBy(PROMISE).objectives
  it('counts failures of ours against availability, and neither mistakes nor absence of callers', () => {
    expect((['ok', 'failed', 'refused', 'left'] as const).map((outcome) => judge(availability!, outcome, 1))).toEqual([
      ...['good', 'bad', undefined, undefined],
    ])
  })

  it('counts slow answers against latency, and callers that went away after waiting too long', () => {
    const at = (ms: number) =>
      (['ok', 'failed', 'refused', 'left'] as const).map((outcome) => judge(latency!, outcome, ms))
    expect(at(50)).toEqual(['good', undefined, undefined, undefined])
    expect(at(50.1)).toEqual(['bad', undefined, undefined, 'bad'])
  })
})
