import { describe, expect, it, vi } from 'vitest'
import { FivefoldError } from '../core/index.ts'
import { createRunSink, type RunBatch } from './index.ts'
import type { RunSinkStore } from './run-sink.ts'

/** Takes batches and artifacts, and nothing else. */
function recordingStore(failures: FivefoldError[] = []) {
  const batches: RunBatch[] = []
  const artifacts: string[] = []
  const store: Pick<RunSinkStore, 'logBatch' | 'logArtifact'> = {
    async logBatch(_id, batch) {
      const failure = failures.shift()
      if (failure) throw failure
      batches.push(batch)
    },
    async logArtifact(_id, name) {
      artifacts.push(name)
    },
  }
  return { ...(store as RunSinkStore), batches, artifacts }
}

describe('createRunSink', () => {
  it('writes many values at once', async () => {
    const store = recordingStore()
    const sink = createRunSink(store, 'r')
    sink.param('seed', 7)
    sink.tag('owner', 'ada')
    for (let step = 0; step < 10; step++) sink.metric('loss', 1 / (step + 1), step)
    sink.artifact('reports', '/somewhere')
    await sink.flush()
    await sink.flush()
    expect(store.batches).toHaveLength(1)
    expect(store.batches[0]).toMatchObject({ params: { seed: '7' }, tags: { owner: 'ada' } })
    expect(store.batches[0]!.metrics).toHaveLength(10)
    expect(store.artifacts).toEqual(['reports'])
  })

  it('writes in the background, by time and by number', async () => {
    const store = recordingStore()
    const sink = createRunSink(store, 'r', { delayMs: 1 })
    sink.metric('a', 1)
    await vi.waitFor(() => expect(store.batches).toHaveLength(1))
    const eager = createRunSink(store, 'r', { delayMs: 60_000 })
    for (let step = 0; step < 1000; step++) eager.metric('b', step, step)
    await vi.waitFor(() => expect(store.batches).toHaveLength(2))
  })

  it('keeps values while the store cannot be written, and says so', async () => {
    const store = recordingStore([new FivefoldError('STORE_UNAVAILABLE', 'locked')])
    const sink = createRunSink(store, 'r')
    sink.metric('a', 1)
    await expect(sink.flush()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    sink.metric('a', 2)
    await sink.flush()
    expect(store.batches.flatMap(({ metrics }) => metrics!.map(({ value }) => value))).toEqual([1, 2])
  })

  it('reports a parameter that changes its value', async () => {
    const sink = createRunSink(recordingStore(), 'r')
    sink.param('seed', 1)
    sink.param('seed', 2)
    await expect(sink.flush()).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
  })
})
