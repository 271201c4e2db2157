import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BundleParts, createPredictor, openBundle, writeBundle } from 'fivefold/bundle'
import { frameOf } from 'fivefold/data'
import { createGraphBuilder } from 'fivefold/onnx'

// Any ONNX graph from raw columns [N, 1] to `prediction` [N, 1] can be a bundle: here degrees Celsius to Fahrenheit.
const builder = createGraphBuilder({ name: 'fahrenheit' })
const number = (value: number) => builder.constant({ type: 'double', shape: [1], data: Float64Array.of(value) })
const celsius = builder.input('celsius', 'double', ['N', 1])
const sum = builder.node('Add', [builder.node('Mul', [celsius, number(1.8)]), number(32)])
builder.output('prediction', builder.node('Cast', [sum], { to: { int: 1 } }), 'float', ['N', 1])

const column = { name: 'celsius', type: 'number', tensor: 'double', nullable: false } as const
const manifest: BundleParts['manifest'] = {
  name: 'fahrenheit',
  problem: {
    task: 'regression',
    target: 'fahrenheit',
    metric: 'rmse',
    metricReason: 'In degrees.',
    classes: [],
    criteria: [],
    constraints: {},
    protectedColumns: [],
  },
  inputs: [column],
  outputs: [{ name: 'prediction', type: 'float' }],
  features: [],
  estimator: { name: 'formula', params: {} },
  threshold: null,
  lineage: { dataHash: 'none', rows: 0, split: 'none', seed: 0, configHash: 'none', codeCommit: null, packages: {} },
  metrics: { protocol: 'not measured', values: {} },
  limits: ['Below absolute zero the answer means nothing.'],
}
const path = join(await mkdtemp(join(tmpdir(), 'fivefold-')), 'model')
const reference = { frame: frameOf({ celsius: [0, 20] }), schema: { columns: [{ ...column, evidence: 'declared' }] } }
await writeBundle(path, { model: builder.build(), manifest, reference, modelCard: '# Fahrenheit\n' })

// Opening verifies every file; MLflow and any ONNX runtime load the same folder.
const bundle = await openBundle(path)
console.log(Object.keys(bundle.manifest.files).join(', '))
await using predictor = await createPredictor(bundle)
console.log((await predictor.predict(frameOf({ celsius: [-40, 100] }))).predictions)
