import { goesLeft } from '../model/trees.ts'
import { predictBoosting } from '../predictor/predict.ts'
import { scoreRows } from '../predictor/score-rows.ts'
import { weightedTreeMean } from './covers.ts'
import type { ExplainJobBase } from './job-base.ts'

/** Mean predictions with some features held at each point of a grid, a point a task. */
export interface DependenceJob extends ExplainJobBase {
  readonly kind: 'dependence'
  /** Over the rows, or over covers; these give means of the score alone. */
  readonly method: 'rows' | 'recursion'
  /** Indices of the features that are held. */
  readonly held: readonly number[]
  /** Row-major [points x held]. */
  readonly points: Float32Array
  readonly scale: 'score' | 'prediction'
  /** Row-major [points x outputs]. */
  readonly mean: Float64Array
  /** Row-major [rows x points x outputs]; empty where only means are asked for. */
  readonly individual: Float64Array
}

export function createDependenceTask(job: DependenceJob): (point: number) => void {
  return job.method === 'rows' ? createRowsTask(job) : createRecursionTask(job)
}

function createRecursionTask({ model, held, points, mean }: DependenceJob): (point: number) => void {
  const { trees, baseScores } = model
  return (point) => {
    const at = point * baseScores.length
    mean.set(baseScores, at)
    const sideOf = (node: number): boolean | undefined => {
      const index = held.indexOf(trees.feature[node]!)
      return index < 0 ? undefined : goesLeft(trees, node, points[point * held.length + index]!)
    }
    for (const [tree, output] of trees.output.entries()) mean[at + output]! += weightedTreeMean(trees, tree, sideOf)
  }
}

function createRowsTask(job: DependenceJob): (point: number) => void {
  const { rowCount, names } = job.features
  const values = [...job.features.values]
  const heldColumns = job.held.map((feature) => {
    const column = new Float32Array(rowCount)
    values[feature] = column
    return column
  })
  const outputCount = job.model.baseScores.length
  return (point) => {
    for (const [i, column] of heldColumns.entries()) column.fill(job.points[point * heldColumns.length + i]!)
    const predictions = predictOutputs(job, { rowCount, names, values })
    for (let output = 0; output < outputCount; output++) {
      let sum = 0
      for (let row = 0; row < rowCount; row++) {
        const value = predictions[row * outputCount + output]!
        sum += value
        if (job.individual.length > 0) job.individual[(row * job.taskCount + point) * outputCount + output] = value
      }
      job.mean[point * outputCount + output] = sum / rowCount
    }
  }
}

/** One value an output: of two classes the probability of the second. */
function predictOutputs({ model, scale }: DependenceJob, features: DependenceJob['features']): Float64Array {
  if (scale === 'score') return scoreRows(model, features)
  const predictions = predictBoosting(model, features)
  if (predictions.kind === 'number') return predictions.values
  if (model.baseScores.length > 1) return predictions.probabilities
  return predictions.probabilities.filter((_, i) => i % 2 === 1)
}
