/** What the runs hold that are searched. The same numbers as in fill_mlflow.py, so that answers can be compared. */

export const PARAMS = 10
export const METRICS = 5

export const runName = (i) => `run ${i}`
const metricValue = (i, k) => ((i * (7919 + 1040 * k)) % 10_007) / 10_007

const AT_ONCE = 500

/** Fills an opened store through its own interface; returns the id of the experiment. */
export async function fillFivefold(store, runs) {
  const experimentId = await store.createExperiment({ name: 'bench' })
  for (let start = 0; start < runs; start += AT_ONCE) {
    const count = Math.min(AT_ONCE, runs - start)
    await Promise.all(Array.from({ length: count }, (_, i) => fillRun(store, experimentId, start + i)))
  }
  return experimentId
}

async function fillRun(store, experimentId, i) {
  const id = await store.createRun({ experimentId, name: runName(i), user: 'bench', startedMs: 1_000_000 + i })
  const params = Array.from({ length: PARAMS }, (_, k) => [`p${k}`, String((i * 7 + k) % 100)])
  await store.logBatch(id, {
    tags: { owner: `person ${i % 50}` },
    params: Object.fromEntries(params),
    metrics: Array.from({ length: METRICS }, (_, k) => ({
      key: `m${k}`,
      value: metricValue(i, k),
      step: 0,
      timestampMs: 1,
    })),
  })
}
