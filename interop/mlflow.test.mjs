import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { assertSamePredictions, python, skipWithout, TABLES, trainedOn } from './harness.mjs'

for (const table of TABLES)
  describe(`MLflow and the model of ${table.name}`, { skip: skipWithout(table.file) }, () => {
    it('loads the bundle as python_function and predicts a data frame', () => {
      const { bundle, file, columns, predictions } = trainedOn(table)
      const { inputs, predictions: answer } = python('predict_mlflow.py', [bundle, file, columns.join(',')])
      assert.ok(Object.keys(inputs).length > 0, 'the signature names no input')
      assert.ok(!(table.target in inputs))
      assertSamePredictions(answer, predictions)
    })
  })
