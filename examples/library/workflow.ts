import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext } from 'fivefold'
import { defineProject, runProject } from 'fivefold/workflow'

const projectFolder = await mkdtemp(join(tmpdir(), 'fivefold-'))
const config = defineProject({
  name: 'weather',
  data: join(process.cwd(), 'node_modules/vega-datasets/data/seattle-weather.csv'),
  target: 'weather',
  split: { kind: 'time', column: 'date', testFraction: 0.2 },
  criteria: [{ metric: 'accuracy', atLeast: 0.8 }],
  budgetMs: 1, // only the first candidate, so that this example is quick
})
const context = createContext({ seed: 7 })
const { record, criteriaMet } = await runProject(config, context, { projectFolder })
console.log(record?.model.version, record?.test.protocol, record?.test.metrics.accuracy, { criteriaMet })

// Finished stages are kept by content: the second run redoes nothing but what changed.
const again = await runProject({ ...config, name: 'weather-2' }, context, { projectFolder })
for (const { name, seconds, cached } of again.record?.stages ?? []) console.log(name, cached ? 'cached' : seconds)
