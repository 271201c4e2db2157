/**
 * A generative adversarial network (Goodfellow et al. 2014) learns a distribution from samples: eight clusters on a circle.
 * Two programs in turn, each with an optimiser of its own, over one set of weights; the loop is written here, over
 * `createTrainer`.
 */
import assert from 'node:assert/strict'
import {
  adam,
  binaryCrossEntropy,
  compileTraining,
  concatenate,
  createTrainer,
  defineNetwork,
  dense,
  initializeNetwork,
  networkToOnnx,
  resolveGroups,
  type Scope,
  sumOfLosses,
  tensor,
} from 'fivefold/neural'
import { createOperations, floats, type TypedValue } from 'fivefold/onnx'
import { curveChart, scatterChart } from 'fivefold/report'
import { choose, finishProgress, recipeContext, saveModel, savePicture } from './recipe.ts'

const CLUSTERS = 8
const SPREAD = 0.1
const NOISE = 4
const BATCH = 128
const context = recipeContext()
const rng = context.rng.fork('samples')

// Parameters are shared by name: both programs have 'generator.…' and 'judge.…'.
const generate = (scope: Scope, noise: TypedValue): TypedValue => {
  const hidden = dense(scope, 'generator.first', noise, { units: 96, activation: 'relu' })
  const deeper = dense(scope, 'generator.second', hidden, { units: 96, activation: 'relu' })
  return dense(scope, 'generator.point', deeper, { units: 2 })
}
const judge = (scope: Scope, points: TypedValue): TypedValue => {
  const hidden = dense(scope, 'judge.first', points, { units: 96, activation: 'leakyRelu' })
  const deeper = dense(scope, 'judge.second', hidden, { units: 96, activation: 'leakyRelu' })
  return dense(scope, 'judge.score', deeper, { units: 1 })
}

/** Real and generated points are judged in one pass, then told apart again. */
const judging = defineNetwork({
  name: 'judging',
  inputs: { point: tensor('float', 2), noise: tensor('float', NOISE) },
  forward: (scope, { point, noise }) => {
    const scores = judge(scope, concatenate(scope, [point, generate(scope, noise)], 0))
    const { slice } = createOperations(scope.graph)
    return {
      real: slice(scores, [{ axis: 0, start: 0, end: BATCH }]),
      generated: slice(scores, [{ axis: 0, start: BATCH, end: 2 * BATCH }]),
    }
  },
})
const deceiving = defineNetwork({
  name: 'deceiving',
  inputs: { noise: tensor('float', NOISE) },
  forward: (scope, { noise }) => ({ generated: judge(scope, generate(scope, noise)) }),
})
const generator = defineNetwork({
  name: 'generator',
  inputs: { noise: tensor('float', NOISE) },
  forward: (scope, { noise }) => ({ point: generate(scope, noise) }),
})

const targets = { one: tensor('float'), zero: tensor('float') }
const belongsTo = (part: string) => (name: string) => name.startsWith(`${part}.`)
const programs = {
  judge: compileTraining(judging, {
    batchSize: BATCH,
    targets,
    loss: sumOfLosses(
      { loss: binaryCrossEntropy({ output: 'real', target: 'one' }) },
      { loss: binaryCrossEntropy({ output: 'generated', target: 'zero' }) },
    ),
    isTrained: belongsTo('judge'),
  }),
  generator: compileTraining(deceiving, {
    batchSize: BATCH,
    targets: { one: tensor('float') },
    loss: binaryCrossEntropy({ output: 'generated', target: 'one' }),
    isTrained: belongsTo('generator'),
  }),
}
const tensors = Array.from(programs.judge.weights, ([name, shape]) => ({ name, shape }))
const updateOf = (part: keyof typeof programs, learningRate: number) => ({
  program: programs[part],
  update: {
    optimizer: adam({ learningRate, betas: [0.5, 0.99] }),
    settings: resolveGroups(
      tensors.filter(({ name }) => belongsTo(part)(name)),
      [],
    ),
  },
})

const rounds = choose(6000, 2500)
const losses = { judge: [] as number[], generator: [] as number[] }
await using trainer = await createTrainer({
  tensors,
  initial: initializeNetwork(deceiving, context.seed),
  programs: { judge: updateOf('judge', 1e-3), generator: updateOf('generator', 1e-3) },
  averaging: { kind: 'ema', decay: 0.995 },
  threads: 1,
})
const one = new Float32Array(BATCH).fill(1)
const zero = new Float32Array(BATCH)
for (let round = 1; round <= rounds; round++) {
  context.signal.throwIfAborted()
  const learningRate = 1e-3 * (1 - round / (rounds + 1))
  // The calls overlap: the training thread carries them out in this order while the next batches are drawn here.
  const judged = trainer.step({
    program: 'judge',
    batches: [{ fields: { point: drawPoints(), noise: drawNoise(BATCH), one, zero } }],
    learningRate,
  })
  const deceived = trainer.step({
    program: 'generator',
    batches: [{ fields: { noise: drawNoise(BATCH), one } }],
    learningRate,
  })
  losses.judge.push((await judged).loss)
  losses.generator.push((await deceived).loss)
  context.progress({ stage: 'train', done: round, total: rounds, note: `judge ${losses.judge.at(-1)!.toFixed(3)}` })
}
finishProgress()

const smooth = (values: readonly number[]) =>
  Array.from({ length: 100 }, (_, i) => {
    const [from, to] = [i, i + 1].map((part) => Math.floor((part * values.length) / 100)) as [number, number]
    return { x: to, y: values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from) }
  })
await savePicture(
  'gan-loss.svg',
  curveChart({
    label: 'Losses of the two networks over the rounds: neither wins',
    curves: Object.entries(losses).map(([name, values]) => ({ name, points: smooth(values) })),
    x: 'round',
    y: 'loss',
  }),
)

// Averaged weights: the last ones swing around what they learn.
const { averages, parameters } = await trainer.state()
const weights = new Map(Array.from(parameters, ([name, { values }]) => [name, averages?.values[name] ?? values]))
await using session = await saveModel('gan', networkToOnnx(generator, weights))
const count = 2000
const { point } = await session.run({ noise: floats(drawNoise(count), [count, NOISE]) })
const drawn = Array.from({ length: count }, (_, i) => {
  const [x, y] = (point!.data as Float32Array).subarray(2 * i)
  return { x: x!, y: y! }
})
await savePicture('gan-samples.svg', scatterChart({ label: 'Generated points', points: drawn, x: 'x', y: 'y' }))

const perCluster = new Array<number>(CLUSTERS).fill(0)
for (const { x, y } of drawn) {
  const nearest = Math.round((Math.atan2(y, x) / (2 * Math.PI)) * CLUSTERS + CLUSTERS) % CLUSTERS
  const [centreX, centreY] = centreOf(nearest)
  if (Math.hypot(x - centreX, y - centreY) < 4 * SPREAD) perCluster[nearest]!++
}
const within = perCluster.reduce((sum, points) => sum + points, 0) / count
console.log(
  `${(100 * within).toFixed(1)}% of the generated points lie in a cluster; by cluster: ${perCluster.join(' ')}`,
)
assert.ok(within > choose(0.8, 0.6), 'the points lie between the clusters')
assert.ok(Math.min(...perCluster) > count / CLUSTERS / 5, 'the generator leaves clusters out')

function centreOf(cluster: number): readonly [number, number] {
  const angle = (2 * Math.PI * cluster) / CLUSTERS
  return [2 * Math.cos(angle), 2 * Math.sin(angle)]
}

function drawPoints(): Float32Array {
  const points = new Float32Array(2 * BATCH)
  for (let i = 0; i < BATCH; i++) {
    const [x, y] = centreOf(rng.int(CLUSTERS))
    points.set([x + SPREAD * rng.normal(), y + SPREAD * rng.normal()], 2 * i)
  }
  return points
}

function drawNoise(rows: number): Float32Array {
  return Float32Array.from({ length: rows * NOISE }, () => rng.normal())
}
