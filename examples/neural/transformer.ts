/**
 * A transformer reads reviews whose meaning hangs on word order: "not dull but clumsy" is a complaint, "not clumsy but dull"
 * is one, too, and "dull, but not clumsy" is praise. Beside it a linear model over word counts, which cannot know.
 */
import assert from 'node:assert/strict'
import {
  accuracy,
  adamw,
  createArrayDataset,
  createLoader,
  crossEntropy,
  defineNetwork,
  dense,
  embedding,
  learnedPositions,
  normal,
  tensor,
  trainNetwork,
  transformerEncoderLayer,
  warmUp,
  withoutDecay,
} from 'fivefold/neural'
import { createOperations, createSession, encodeModel, int64s, type OnnxSession } from 'fivefold/onnx'
import { choose, recipeContext, reportTraining, saveModel } from './recipe.ts'
import { encode, LONGEST, type Review, WORDS, writeReview } from './reviews.ts'

const context = recipeContext()
const write = (count: number, stream: string): Review[] => {
  const rng = context.rng.fork(stream)
  return Array.from({ length: count }, () => writeReview(rng))
}
const train = write(choose(6000, 3000), 'train')
const seen = new Set(train.map(({ text }) => text))
const unseen = (stream: string): Review[] => write(1000, stream).filter(({ text }) => !seen.has(text))
const [validation, test] = [unseen('validation'), unseen('test')]

const FEATURES = 48
const reader = defineNetwork({
  name: 'reviews',
  inputs: { words: tensor('int64', LONGEST), length: tensor('int64') },
  forward: (scope, { words, length }) => {
    const operations = createOperations(scope.graph)
    let x = embedding(scope, 'words', words, { count: WORDS.length, size: FEATURES, initializer: normal(0.1) })
    x = learnedPositions(scope, 'positions', x, { initializer: normal(0.1) })
    // Padding is hidden from attention, so only words that are there can be looked at.
    const options = { heads: 4, feedForward: 96, normFirst: true, mask: length, dropout: 0.05 } as const
    for (const layer of ['first', 'second']) x = transformerEncoderLayer(scope, layer, x, options)
    const opening = operations.squeeze(operations.slice(x, [{ axis: 1, start: 0, end: 1 }]), [1])
    return { logits: dense(scope, 'head', opening, { units: 2 }) }
  },
})

/** Counts of words, as a sum of one number a word and class: whatever the order, the answer is the same. */
const counter = defineNetwork({
  name: 'word_counts',
  inputs: reader.inputs,
  forward: (scope, { words }) => {
    const scores = embedding(scope, 'words', words, { count: WORDS.length, size: 2, padding: 0 })
    return { logits: createOperations(scope.graph).sum(scores, [1]) }
  },
})

const epochs = choose(6, 6)
const data = createLoader(datasetOf(train), { batchSize: 50 }, context)
const training = {
  data,
  validation: createLoader(datasetOf(validation), { batchSize: 50, sampling: { kind: 'sequential' } }, context),
  targets: { label: tensor('int64') },
  loss: crossEntropy({ output: 'logits', target: 'label' }),
  metrics: { accuracy: accuracy('logits', 'label') },
  schedule: warmUp(50, { kind: 'cosine', steps: epochs * data.batchCount - 50 }),
  epochs,
} as const
const baseline = await trainNetwork(counter, { ...training, optimizer: adamw({ learningRate: 0.02 }) }, context)
const trained = await trainNetwork(
  reader,
  { ...training, optimizer: adamw({ learningRate: 2e-3 }), groups: [withoutDecay], clipNorm: 1 },
  context,
)
await reportTraining('transformer', trained)

await using session = await saveModel('transformer', trained.toOnnx())
for (const text of ['the plot is dull but the acting is not clumsy', 'the plot is not clumsy but the acting is dull']) {
  const { words, length } = encode(text)
  const { logits } = await session.run({ words: int64s(words, [1, LONGEST]), length: int64s([length]) })
  const [negative, positive] = logits!.data as Float32Array
  console.log(`${positive! > negative! ? 'praise   ' : 'complaint'} "${text}"`)
}
await using counting = await createSession(encodeModel(baseline.toOnnx()))
const [ours, counts] = [await accuracyOf(session), await accuracyOf(counting)]
console.log(`on ${test.length} unseen reviews: transformer ${ours.toFixed(3)}, word counts ${counts.toFixed(3)}`)
assert.ok(ours > choose(0.97, 0.9) && ours > counts + 0.2, 'the network did not learn')

/** Share of the test's reviews that a model reads rightly, all asked in one request. */
async function accuracyOf(model: OnnxSession): Promise<number> {
  const { words, length, label } = encodeAll(test)
  const rows = test.length
  const all = {
    words: { type: 'int64', shape: [rows, LONGEST], data: words },
    length: { type: 'int64', shape: [rows], data: length },
  } as const
  const feeds = Object.fromEntries(model.inputs.map(({ name }) => [name, all[name as keyof typeof all]]))
  const { logits } = await model.run(feeds)
  return accuracy('logits', 'label')({ logits: logits!.data as Float32Array }, { label })
}

function encodeAll(reviews: readonly Review[]) {
  const encoded = reviews.map(({ text }) => encode(text))
  return {
    words: BigInt64Array.from(
      encoded.flatMap(({ words }) => words),
      BigInt,
    ),
    length: BigInt64Array.from(encoded, ({ length }) => BigInt(length)),
    label: BigInt64Array.from(reviews, ({ isPositive }) => (isPositive ? 1n : 0n)),
  }
}

function datasetOf(reviews: readonly Review[]) {
  const { words, length, label } = encodeAll(reviews)
  return createArrayDataset({
    words: { data: words, shape: [LONGEST] },
    length: { data: length },
    label: { data: label },
  })
}
