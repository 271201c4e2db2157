// Trains our boosting once for each request, a line of JSON on stdin; answers with a line of JSON. See learners.mjs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createContext, version } from '../../packages/fivefold/dist/core/index.js'
import { predictBoosting, trainBoosting } from '../../packages/fivefold/dist/engines/boosting/index.js'
import { readDataSet } from './data-set-files.mjs'
import { peakBytes } from './peak-bytes.mjs'

const say = (message) => console.log(JSON.stringify(message))
let open = { folder: undefined, dataSet: undefined }

say({ version })
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  if (open.folder !== request.folder) open = { folder: request.folder, dataSet: readDataSet(request.folder) }
  say(await answer(open.dataSet, request))
}

async function answer(dataSet, { folder, parameters, rounds, threads }) {
  const { names, categorical, train, test } = dataSet
  const data = { ...labelled(dataSet, train), categorical: categorical.map((index) => names[index]) }
  const context = createContext({ threads })
  const began = performance.now()
  const model = await trainBoosting(data, { ...parameters, rounds }, context)
  const trained = performance.now()
  const peak = peakBytes()
  const beganPredicting = performance.now()
  const predictions = predictBoosting(model, labelled(dataSet, test).features)
  const predicted = performance.now()
  writeFileSync(join(folder, 'predictions'), predictionBytes(dataSet, predictions))
  return {
    trainSeconds: (trained - began) / 1000,
    predictSeconds: (predicted - beganPredicting) / 1000,
    peakBytes: peak,
  }
}

function labelled({ kind, classCount, names }, { rowCount, values, target, queryRows }) {
  const isClasses = kind === 'binary' || kind === 'classes'
  const classes = Array.from({ length: classCount }, (_, code) => String(code))
  return {
    features: { rowCount, names, values },
    target: isClasses
      ? { kind: 'classes', classes, codes: Int32Array.from(target) }
      : { kind: 'number', values: target },
    queryRows,
  }
}

/** As the peers write them: of two classes only the second one's probability. */
function predictionBytes({ kind }, predictions) {
  const all = predictions.kind === 'number' ? predictions.values : predictions.probabilities
  const written = kind === 'binary' ? all.filter((_, i) => i % 2 === 1) : all
  return new Uint8Array(written.buffer, written.byteOffset, written.byteLength)
}
