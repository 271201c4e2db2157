import { type Column, type ColumnSchema, type Frame, type Schema, stringColumnFrom } from '../data/index.ts'
import type { BundleManifest } from './manifest.ts'
import type { PredictionResult } from './predictor.ts'

/** The raw columns that a model takes, as a schema to read tables with. */
export function inputSchema(manifest: Pick<BundleManifest, 'inputs'>): Schema {
  return {
    columns: manifest.inputs.map(({ name, type, tensor, nullable, datetimeFormat }) => ({
      name,
      type,
      tensor,
      nullable,
      evidence: 'declared by the model',
      ...(datetimeFormat !== undefined && { datetimeFormat }),
    })),
  }
}

/** Predictions as a table: `label` and `probability_<class>`, or `prediction`; as the outputs of the graph are named. */
export function predictionColumns(manifest: Pick<BundleManifest, 'outputs' | 'problem'>): {
  readonly schema: Schema
  toFrame(result: PredictionResult): Frame
} {
  const schema = { columns: manifest.outputs.map(({ name, type }) => outputColumn(name, type === 'string')) }
  return {
    schema,
    toFrame({ predictions, labels = [] }) {
      if (predictions.kind === 'number') {
        const column: Column = { kind: 'number', values: predictions.values }
        return { rowCount: predictions.values.length, columns: new Map([['prediction', column]]) }
      }
      const { classes, probabilities } = predictions
      const rowCount = probabilities.length / classes.length
      const columns = new Map<string, Column>([['label', stringColumnFrom(labels)]])
      classes.forEach((name, k) => {
        const values = Float64Array.from({ length: rowCount }, (_, i) => probabilities[i * classes.length + k]!)
        columns.set(`probability_${name}`, { kind: 'number', values })
      })
      return { rowCount, columns }
    },
  }
}

const outputColumn = (name: string, isText: boolean): ColumnSchema => ({
  name,
  type: isText ? 'category' : 'number',
  tensor: isText ? 'string' : 'double',
  nullable: false,
  evidence: 'declared by the model',
})
