import { createContext, openBundle, runProject, serveBundle } from 'fivefold'

const context = createContext({ seed: 7 })

// Phases 1 to 4: profile, prepare, train, evaluate; and a version in the model registry.
const { record, out } = await runProject(
  { name: 'penguins', data: 'penguins.csv', target: 'species', metric: 'accuracy' },
  context,
)
console.log(record?.test.metrics.accuracy, 'baseline', record?.baseline.metrics.accuracy)

// Phase 5: serve it, and ask.
const bundle = await openBundle(`${out}/model`)
const server = await serveBundle({ bundle: bundle.path, context })
const row = {
  Island: 'Biscoe',
  'Flipper Length (mm)': 217,
  'Beak Length (mm)': 47,
  'Beak Depth (mm)': 15,
  'Body Mass (g)': 5200,
  Sex: 'MALE',
}
const response = await fetch(`${server.url}/predict`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ rows: [row] }),
})
console.log(await response.json())
await server.close()
