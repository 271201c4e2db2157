import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { frameOf } from '../data/index.ts'
import { createGraphBuilder } from '../onnx/index.ts'
import { type BundleParts, createPredictor, inputSchema, openBundle, predictionColumns, writeBundle } from './index.ts'

/** A classifier by hand: the second class is as probable as `age` is beyond 40 years; it reads every tensor type. */
function exampleModel(): Uint8Array {
  const g = createGraphBuilder({ name: 'example' })
  const age = g.input('age', 'double', ['N', 1])
  const children = g.input('children', 'int64', ['N', 1])
  const member = g.input('member', 'bool', ['N', 1])
  const town = g.input("town's name", 'string', ['N', 1])
  const float = (value: ReturnType<typeof g.node>): ReturnType<typeof g.node> =>
    g.node('Cast', [value], { to: { int: 1 } })
  const townScore = g.node(
    'LabelEncoder',
    [town],
    { keys_strings: { strings: ['Ulm', ''] }, values_floats: { floats: [1, 5] }, default_float: { float: 0 } },
    { domain: 'ai.onnx.ml' },
  )
  const years = g.constant({ type: 'float', shape: [1], data: Float32Array.of(40) })
  const extras = g.node('Add', [g.node('Add', [float(children), float(member)]), townScore])
  const score = g.node('Add', [g.node('Sub', [float(age), years]), extras])
  const positive = g.node('Sigmoid', [score])
  const negative = g.node('Sigmoid', [g.node('Neg', [score])])
  const half = g.constant({ type: 'float', shape: [1], data: Float32Array.of(0.5) })
  const index = g.node('Cast', [g.node('GreaterOrEqual', [positive, half])], { to: { int: 7 } })
  const label = g.node(
    'LabelEncoder',
    [index],
    { keys_int64s: { ints: [0, 1] }, values_strings: { strings: ['no', 'yes'] } },
    { domain: 'ai.onnx.ml' },
  )
  g.output('label', label, 'string', ['N', 1])
  g.output('probability_no', negative, 'float', ['N', 1])
  g.output('probability_yes', positive, 'float', ['N', 1])
  return g.build()
}

const reference = frameOf({
  age: [30, 50, null],
  children: [0, 2, 1],
  member: [true, false, true],
  "town's name": ['Ulm', '', 'Köln'],
})

function exampleParts(): BundleParts {
  const manifest: BundleParts['manifest'] = {
    name: 'example',
    problem: {
      task: 'classification',
      target: 'answer',
      metric: 'rocAuc',
      metricReason: 'two classes',
      classes: ['no', 'yes'],
      criteria: [{ metric: 'rocAuc', atLeast: 0.8 }],
      constraints: {},
      protectedColumns: [],
    },
    inputs: [
      { name: 'age', type: 'number', tensor: 'double', nullable: true, range: [30, 50], meaning: 'years' },
      { name: 'children', type: 'integer', tensor: 'int64', nullable: false },
      { name: 'member', type: 'boolean', tensor: 'bool', nullable: false },
      { name: "town's name", type: 'category', tensor: 'string', nullable: true, categories: ['Ulm', 'Köln'] },
    ],
    outputs: [
      { name: 'label', type: 'string' },
      { name: 'probability_no', type: 'float' },
      { name: 'probability_yes', type: 'float' },
    ],
    features: [{ step: 'number', inputs: ['age'], outputs: ['age'] }],
    estimator: { name: 'by hand', params: { l2: 1, nested: { rounds: [1, 2] } } },
    threshold: 0.5,
    lineage: {
      dataHash: 'sha256:0',
      rows: 3,
      split: 'random 80/20',
      seed: 7,
      configHash: 'sha256:1',
      codeCommit: null,
      packages: { fivefold: '0.1.0' },
    },
    metrics: { protocol: 'by hand', values: { rocAuc: { value: 0.9, low: 0.8, high: 1 } } },
    limits: ['an example'],
  }
  const schema = inputSchema(manifest)
  return { model: exampleModel(), manifest, reference: { frame: reference, schema }, modelCard: '# Example\n' }
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-bundle-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('writeBundle and openBundle', () => {
  it('write a complete folder and read it back', async () => {
    const written = await writeBundle(join(folder, 'model'), exampleParts())
    expect((await readdir(join(folder, 'model'))).sort()).toEqual([
      'MLmodel',
      'MODEL_CARD.md',
      'conda.yaml',
      'fivefold.json',
      'model.onnx',
      'python_env.yaml',
      'reference.parquet',
      'requirements.txt',
    ])
    const bundle = await openBundle(join(folder, 'model'))
    expect(bundle.manifest).toEqual(written)
    expect(bundle.manifest).toMatchObject(exampleParts().manifest)
    expect(bundle.modelCard).toBe('# Example\n')
    expect([...bundle.model]).toEqual([...exampleModel()])
  })

  it('give the same bytes for the same parts', async () => {
    await writeBundle(join(folder, 'a'), exampleParts())
    await writeBundle(join(folder, 'b'), exampleParts())
    for (const name of await readdir(join(folder, 'a'))) {
      const [a, b] = await Promise.all(['a', 'b'].map((one) => readFile(join(folder, one, name))))
      expect(a!.equals(b!), name).toBe(true)
    }
  })

  it('replace an older bundle as a whole', async () => {
    const path = join(folder, 'model')
    await writeBundle(path, exampleParts())
    await writeFile(join(path, 'left-over'), '')
    await writeBundle(path, exampleParts())
    expect(await readdir(path)).not.toContain('left-over')
    expect(await readdir(folder)).toEqual(['model'])
  })

  it('leave the old bundle where the new one cannot be written', async () => {
    const path = join(folder, 'model')
    await writeBundle(path, exampleParts())
    const parts = exampleParts()
    const broken = { ...parts, manifest: { ...parts.manifest, surplus: 1 } }
    await expect(writeBundle(path, broken)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: /surplus/ })
    await openBundle(path)
  })

  it('leave out metrics that are not defined', async () => {
    const parts = exampleParts()
    const values = { ...parts.manifest.metrics.values, prAuc: { value: Number.NaN, low: 0, high: 1 } }
    const manifest = { ...parts.manifest, metrics: { protocol: 'by hand', values } }
    const written = await writeBundle(join(folder, 'model'), { ...parts, manifest })
    expect(Object.keys(written.metrics.values)).toEqual(['rocAuc'])
    await openBundle(join(folder, 'model'))
  })
})

describe('a damaged bundle', () => {
  let path: string
  beforeEach(async () => {
    path = join(folder, 'model')
    await writeBundle(path, exampleParts())
  })
  const editManifest = async (edit: (manifest: Record<string, unknown>) => void): Promise<void> => {
    const manifest = JSON.parse(await readFile(join(path, 'fivefold.json'), 'utf8'))
    edit(manifest)
    await writeFile(join(path, 'fivefold.json'), JSON.stringify(manifest))
  }

  it('is refused with the name of the file that is missing or changed', async () => {
    for (const name of (await readdir(path)).filter((file) => file !== 'fivefold.json')) {
      const original = await readFile(join(path, name))
      await writeFile(join(path, name), Buffer.concat([original, Buffer.of(0)]))
      await expect(openBundle(path)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: new RegExp(name) })
      await rm(join(path, name))
      await expect(openBundle(path)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: new RegExp(name) })
      await writeFile(join(path, name), original)
    }
    await openBundle(path)
  })

  it('is refused where its manifest was edited', async () => {
    await editManifest((manifest) => {
      manifest.threshold = 0.9
    })
    await expect(openBundle(path)).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: /fivefold.json was changed/,
    })
  })

  it('is refused where its manifest lists other files', async () => {
    await editManifest((manifest) => {
      delete (manifest.files as Record<string, string>)['model.onnx']
    })
    await expect(openBundle(path)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: /model.onnx/ })
    await editManifest((manifest) => {
      ;(manifest.files as Record<string, string>)['../../etc/passwd'] = '0'.repeat(64)
    })
    await expect(openBundle(path)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: /plain file name/ })
  })

  it('is refused where its format version is not known', async () => {
    for (const version of [2, 0, 1.5]) {
      await editManifest((manifest) => {
        manifest.formatVersion = version
      })
      await expect(openBundle(path)).rejects.toMatchObject({
        code: 'BUNDLE_VERSION',
        message: new RegExp(`${version}`),
      })
    }
  })

  it('is refused where the manifest is no manifest', async () => {
    for (const text of ['', '[]', 'null', '{}', '{"formatVersion":"1"}']) {
      await writeFile(join(path, 'fivefold.json'), text)
      await expect(openBundle(path)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
    }
    await expect(openBundle(folder)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})

describe('createPredictor', () => {
  const { manifest, model } = exampleParts()
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

  it('predicts raw rows, whatever the order of columns', async () => {
    await using predictor = await createPredictor({ model, ...manifest })
    const { "town's name": town, ...rest } = { "town's name": ['Ulm', '', 'Bonn'], age: [38, 36, 38] }
    const frame = frameOf({
      ignored: [1, 2, 3],
      "town's name": town,
      member: [true, false, false],
      children: [0, 0, 1],
      ...rest,
    })
    const { predictions, labels } = await predictor.predict(frame)
    expect(labels).toEqual(['yes', 'yes', 'no'])
    if (predictions.kind !== 'classes') throw new Error('expected classes')
    expect(predictions.classes).toEqual(['no', 'yes'])
    ;[0, 1, -1].forEach((score, i) => {
      expect(predictions.probabilities[2 * i]).toBeCloseTo(sigmoid(-score), 6)
      expect(predictions.probabilities[2 * i + 1]).toBeCloseTo(sigmoid(score), 6)
    })
  })

  it('predicts frames larger than a batch as it predicts each row', async () => {
    await using predictor = await createPredictor({ model, ...manifest })
    const count = 40_000
    const ages = Array.from({ length: count }, (_, i) => 30 + (i % 20))
    const ones = ages.map(() => 1)
    const towns = ages.map((_, i) => (i % 3 === 0 ? 'Ulm' : 'Bonn'))
    const frame = frameOf({ age: ages, children: ones, member: ones, "town's name": towns })
    const { predictions, labels } = await predictor.predict(frame)
    if (predictions.kind !== 'classes') throw new Error('expected classes')
    expect(labels).toHaveLength(count)
    for (const row of [0, 16_383, 16_384, 39_999]) {
      const score = ages[row]! - 40 + 2 + (row % 3 === 0 ? 1 : 0)
      expect(predictions.probabilities[2 * row + 1]).toBeCloseTo(sigmoid(score), 6)
    }
    const { labels: none } = await predictor.predict(frameOf({ age: [], children: [], member: [], "town's name": [] }))
    expect(none).toEqual([])
  })

  it('says which column and row do not fit', async () => {
    await using predictor = await createPredictor({ model, ...manifest })
    const good = { age: [1, 2], children: [1, 2], member: [true, false], "town's name": ['a', 'b'] }
    const predict = (changes: Parameters<typeof frameOf>[0]) => predictor.predict(frameOf({ ...good, ...changes }))
    await expect(predict({ children: [1, 1.5] })).rejects.toMatchObject({
      code: 'MODEL_INPUT',
      message: /children.*row 1/,
    })
    await expect(predict({ children: [null, 1] })).rejects.toMatchObject({
      code: 'MODEL_INPUT',
      message: /row 0 is missing/,
    })
    await expect(predict({ member: [2, 1] })).rejects.toMatchObject({ code: 'MODEL_INPUT', message: /member/ })
    await expect(predict({ age: ['old', 'young'] })).rejects.toMatchObject({ code: 'MODEL_INPUT', message: /"old"/ })
    await expect(predict({ "town's name": [1, 2] })).rejects.toMatchObject({ code: 'MODEL_INPUT', message: /town/ })
    const { age: _, ...withoutAge } = good
    await expect(predictor.predict(frameOf(withoutAge))).rejects.toMatchObject({
      code: 'MODEL_INPUT',
      message: /'age'/,
    })
    await predict({ age: [null, null], "town's name": [null, null] })
  })

  it('refuses a manifest that does not describe the graph', async () => {
    const inputs = manifest.inputs.slice(1)
    await expect(createPredictor({ model, ...manifest, inputs })).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: /age/,
    })
    const outputs = [{ name: 'score', type: 'float' as const }]
    await expect(createPredictor({ model, ...manifest, outputs })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
  })

  it('gives predictions as the table that the manifest describes', async () => {
    await using predictor = await createPredictor({ model, ...manifest })
    const { schema, toFrame } = predictionColumns(manifest)
    const frame = toFrame(await predictor.predict(reference))
    expect([...frame.columns.keys()]).toEqual(schema.columns.map(({ name }) => name))
    expect(frame.rowCount).toBe(3)
  })
})

describe('a bundle of format 1', () => {
  const fixture = fileURLToPath(new URL('./fixtures/format-1', import.meta.url))

  it('is read and predicts as when it was written', async () => {
    const bundle = await openBundle(fixture)
    expect(bundle.manifest.formatVersion).toBe(1)
    await using predictor = await createPredictor(bundle)
    const { labels } = await predictor.predict(
      frameOf({ age: [30, 50], children: [0, 2], member: [1, 0], "town's name": ['Ulm', 'Köln'] }),
    )
    expect(labels).toEqual(['no', 'yes'])
  })

  it('is refused after a change', async () => {
    await cp(fixture, join(folder, 'copy'), { recursive: true })
    await writeFile(join(folder, 'copy', 'MODEL_CARD.md'), 'better than it is')
    await expect(openBundle(join(folder, 'copy'))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
  })
})
