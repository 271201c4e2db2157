import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createServerMetrics } from '../metrics/server-metrics.ts'
import { createOperations } from './operations.ts'
import { countObjectives } from './slo/count-objectives.ts'
import { promisedBy, type SloOptions } from './slo/objectives.ts'

const page = readFileSync(new URL('../../../../../../docs/serving.md', import.meta.url), 'utf8')

it('docs/serving.md has every metric in its tables, and no other', async () => {
  const slo: SloOptions = { availability: 0.999, latency: { thresholdMs: 50, target: 0.99 } }
  const metrics = createServerMetrics()
  countObjectives(promisedBy(slo).objectives, metrics.registry)
  metrics.of({ name: 'credit', version: '1' })
  const gather = async () => [metrics.snapshot()]
  const operations = await createOperations({ gather, slo, price: { perHour: 1 }, context: createContext() })
  const counted = [...metrics.snapshot(), ...(await operations.metrics())].map(({ name }) => name)
  await operations.close()
  const rows = page.split('\n').filter((line) => /^\| `(fivefold|process)_/.test(line))
  const described = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map((match) => match[1]))
  expect(described.sort()).toEqual(counted.sort())
})
