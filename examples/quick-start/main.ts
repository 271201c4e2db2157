import { createContext, openBundle, runProject, serveBundle } from 'fivefold'

// Four years of daily weather; `npm install vega-datasets`, or name a table of yours.
const config = {
  name: 'weather',
  data: 'node_modules/vega-datasets/data/seattle-weather.csv',
  target: 'weather',
  out: 'fivefold-out/weather',
}
const context = createContext({ seed: 7 })

// Phases 1 to 4: profile, prepare, train, evaluate; and a version in the model registry.
const { record, out } = await runProject(config, context)
console.log('log loss', record?.test.metrics.logLoss, 'baseline', record?.baseline.metrics.logLoss)

// Phase 5: serve it, and ask. An answer has the label and the probability of each class.
const bundle = await openBundle(`${out}/model`)
const server = await serveBundle({ bundle: bundle.path, context })
const day = { date: '2016-01-09', precipitation: 8.4, temp_max: 7.2, temp_min: 3.9, wind: 4.1 }
const response = await fetch(`${server.url}/predict`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ rows: [day] }),
})
console.log(await response.text())
await server.close()
