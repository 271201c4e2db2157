// Makes a table in memory, trains on it and prints seconds and bytes; started by memory.mjs.
import { createContext } from '../../packages/fivefold/dist/core/index.js'
import { trainBoosting } from '../../packages/fivefold/dist/engines/boosting/index.js'
import { peakBytes } from './peak-bytes.mjs'
import { twoClasses } from './synthetic.mjs'

const { rows, features, rounds, threads } = JSON.parse(process.argv[2])
const { names, train } = twoClasses(rows, features, 1)
const target = { kind: 'classes', classes: ['0', '1'], codes: Int32Array.from(train.target) }
const peakBefore = peakBytes()
const began = performance.now()
await trainBoosting(
  { features: { rowCount: rows, names, values: train.values }, target },
  { rounds },
  createContext({ threads }),
)
const trainSeconds = (performance.now() - began) / 1000
const matrixBytes = rows * features * 4
console.log(
  JSON.stringify({
    ...{ rows, features, rounds, threads, trainSeconds },
    ...{ matrixBytes, peakBytesBeforeTraining: peakBefore, peakBytes: peakBytes() },
  }),
)
