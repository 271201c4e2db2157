import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { assertSamePredictions, python, skipWithout, TABLES, trainedOn } from './harness.mjs'

for (const table of TABLES)
  describe(`the model of ${table.name}`, { skip: skipWithout(table.file) }, () => {
    it('passes the checker of onnx', () => {
      const { bundle } = trainedOn(table)
      const { inputs, outputs } = python('check_onnx.py', [bundle])
      const manifest = JSON.parse(readFileSync(join(bundle, 'fivefold.json'), 'utf8'))
      assert.deepEqual(
        inputs,
        manifest.inputs.map(({ name }) => name),
      )
      assert.deepEqual(
        outputs,
        manifest.outputs.map(({ name }) => name),
      )
    })

    it('predicts the same in stock ONNX Runtime, from raw columns', () => {
      const { bundle, file, columns, predictions } = trainedOn(table)
      const answer = python('predict_onnxruntime.py', [bundle, file, columns.join(',')])
      const names = assertSamePredictions(answer, predictions)
      assert.deepEqual(names.sort(), Object.keys(answer).sort())
    })

    it('brings reference rows that pyarrow reads', () => {
      const { bundle } = trainedOn(table)
      const { rows, columns } = python('read_reference.py', [bundle])
      assert.ok(rows > 0)
      assert.ok(columns.length > 0)
    })
  })
