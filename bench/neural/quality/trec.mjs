import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRng } from '../../../packages/fivefold/dist/core/index.js'
import * as neural from '../../../packages/fivefold/dist/engines/neural/index.js'
import { createOperations } from '../../../packages/fivefold/dist/onnx/index.js'
import { findPython } from '../python.mjs'
import { averageOver } from './average-over.mjs'

const BASELINE = fileURLToPath(new URL('trec_baseline.py', import.meta.url))
const CLASSES = ['ABBR', 'DESC', 'ENTY', 'HUM', 'LOC', 'NUM']
const STEPS = 32
const VALIDATION_ROWS = 500
/** Word numbers: 0 is padding, 1 a word that was seen less than twice in the training rows. */
const RARE = 1

/** Questions as word numbers, with the text for the baseline. Training rows are put into a seeded order. */
export function loadTrec(folder, rows) {
  const all = readQuestions(join(folder, 'TREC.train'))
  const order = createRng(1).shuffle(Uint32Array.from({ length: all.length }, (_, i) => i))
  const shuffled = Array.from(order, (index) => all[index])
  const train = shuffled.slice(VALIDATION_ROWS).slice(0, rows)
  const words = countWords(train)
  const part = (questions) => ({ count: questions.length, questions, fields: fieldsOf(questions, words) })
  return {
    train: part(train),
    validation: part(shuffled.slice(0, VALIDATION_ROWS)),
    test: part(readQuestions(join(folder, 'TREC.test'))),
    wordCount: words.size + 2,
  }
}

/** Lines such as `DESC:manner How did serfdom develop ?`; the files are not UTF-8. */
function readQuestions(path) {
  const lines = readFileSync(path, 'latin1').trim().split('\n')
  return lines.map((line) => ({
    label: CLASSES.indexOf(line.slice(0, line.indexOf(':'))),
    text: line.slice(line.indexOf(' ') + 1).toLowerCase(),
  }))
}

function countWords(questions) {
  const counts = new Map()
  for (const { text } of questions) for (const word of text.split(/\s+/)) counts.set(word, (counts.get(word) ?? 0) + 1)
  const known = [...counts].filter(([, count]) => count > 1).map(([word]) => word)
  return new Map(known.map((word, i) => [word, BigInt(i + RARE + 1)]))
}

function fieldsOf(questions, words) {
  const numbers = questions.map(({ text }) =>
    text
      .split(/\s+/)
      .slice(0, STEPS)
      .map((word) => words.get(word) ?? BigInt(RARE)),
  )
  return {
    words: {
      data: BigInt64Array.from(numbers.flatMap((row) => [...row, ...Array(STEPS - row.length).fill(0n)])),
      shape: [STEPS],
    },
    length: { data: BigInt64Array.from(numbers, ({ length }) => BigInt(length)) },
    label: { data: BigInt64Array.from(questions, ({ label }) => BigInt(label)) },
  }
}

const inputs = { words: neural.tensor('int64', STEPS), length: neural.tensor('int64') }

const options = (learningRate) => (steps) => ({
  loss: neural.crossEntropy({ output: 'logits', target: 'label', labelSmoothing: 0.05 }),
  optimizer: neural.adamw({ learningRate, weightDecay: 0.05 }),
  groups: [neural.withoutDecay],
  schedule: neural.warmUp(Math.ceil(steps / 10), { kind: 'cosine', steps: Math.ceil(0.9 * steps) }),
  clipNorm: 1,
  averaging: averageOver(steps),
})

/** A bidirectional LSTM, each of its features at its largest over the words. */
export function lstmReader({ wordCount }) {
  const network = neural.defineNetwork({
    name: 'trec_lstm',
    inputs,
    forward(scope, { words, length }) {
      const initializer = neural.normal(0.3)
      let x = neural.embedding(scope, 'words', words, { count: wordCount, size: 128, padding: 0, initializer })
      x = neural.dropout(scope, 'drop1', x, { rate: 0.5 })
      const { sequence } = neural.lstm(scope, 'lstm', x, { units: 96, bidirectional: true, lengths: length })
      return { logits: readOut(scope, sequence, words) }
    },
  })
  return { network, batchSize: 32, epochs: 12, options: options(3e-3) }
}

/** Two encoder layers, each feature at its largest over the words. */
export function transformerReader({ wordCount }) {
  const network = neural.defineNetwork({
    name: 'trec_transformer',
    inputs,
    forward(scope, { words, length }) {
      const initializer = neural.normal(0.3)
      let x = neural.embedding(scope, 'words', words, { count: wordCount, size: 128, padding: 0, initializer })
      x = neural.learnedPositions(scope, 'positions', x, { initializer: neural.normal(0.1) })
      x = neural.dropout(scope, 'drop1', x, { rate: 0.3 })
      const layer = { heads: 4, feedForward: 256, dropout: 0.3, normFirst: true, activation: 'gelu', mask: length }
      for (const name of ['layer1', 'layer2']) x = neural.transformerEncoderLayer(scope, name, x, layer)
      return { logits: readOut(scope, neural.layerNorm(scope, 'norm', x), words) }
    },
  })
  return { network, batchSize: 32, epochs: 15, options: options(1e-3) }
}

/** Far below what a layer gives, so that padding is never the largest. */
const NEVER = -1e4

function readOut(scope, sequence, words) {
  const { cast, oneMinus, scale, unsqueeze, add, transpose, node } = createOperations(scope.graph)
  const isThere = cast(cast(words, 'bool'), 'float')
  const visible = add(sequence, unsqueeze(scale(oneMinus(isThere), NEVER), [2]))
  const largest = node('Flatten', [node('GlobalMaxPool', [transpose(visible, [0, 2, 1])])], { axis: { int: 1 } })
  const kept = neural.dropout(scope, 'drop2', largest, { rate: 0.5 })
  return neural.dense(scope, 'head', kept, { units: CLASSES.length })
}

/** TF-IDF of words and pairs of words with logistic regression, in scikit-learn, on training and validation rows together. */
export function measureTfidf({ train, validation, test }) {
  const python = findPython()
  if (python === undefined) return null
  const columns = (questions) => ({
    texts: questions.map(({ text }) => text),
    labels: questions.map(({ label }) => label),
  })
  const input = JSON.stringify({
    train: columns([...train.questions, ...validation.questions]),
    test: columns(test.questions),
  })
  return JSON.parse(execFileSync(python, [BASELINE], { input, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 2 ** 26 }))
}
