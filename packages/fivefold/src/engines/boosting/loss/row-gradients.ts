import { createRanking } from './lambdarank.ts'
import { linkOf, type Objective } from './objective.ts'
import { pointwiseLoss } from './pointwise-loss.ts'

/** Rows whose gradients are asked for, all in the trainer's units. */
export interface GradientRows {
  readonly objective: Objective
  /** 0 or 1, class codes, values or grades. */
  readonly targets: Float32Array
  readonly weights: Float32Array | undefined
  readonly queryStarts: Uint32Array | undefined
  readonly truncation: number
  /** For each output one a row. */
  readonly scores: readonly Float32Array[]
}

/** Weighted gradients and hessians of one output, in plain TypeScript and full precision. */
export function writeRowGradients(
  rows: GradientRows,
  output: number,
): { gradients: Float32Array; hessians: Float32Array } {
  const { targets, weights, objective } = rows
  const gradients = new Float32Array(targets.length)
  const hessians = new Float32Array(targets.length)
  if (objective.name === 'lambdarank') writeLambdas(rows, gradients, hessians)
  else {
    const pairOf = pairFunction(rows, output)
    for (let row = 0; row < targets.length; row++) [gradients[row], hessians[row]] = pairOf(row)
  }
  if (weights === undefined) return { gradients, hessians }
  for (let row = 0; row < targets.length; row++) {
    gradients[row]! *= weights[row]!
    hessians[row]! *= weights[row]!
  }
  return { gradients, hessians }
}

type Pair = [gradient: number, hessian: number]

function pairFunction({ objective, targets, scores }: GradientRows, output: number): (row: number) => Pair {
  const own = scores[output]!
  const pointwise = pointwiseLoss(objective)
  if (pointwise !== undefined)
    return (row) => [pointwise.gradient(own[row]!, targets[row]!), pointwise.hessian(own[row]!, targets[row]!)]
  if (linkOf(objective.name) === 'identity') return (row) => [own[row]! - targets[row]!, 1]
  const probabilityOf =
    objective.name === 'logistic'
      ? (row: number) => 1 / (1 + Math.exp(-own[row]!))
      : (row: number) => 1 / scores.reduce((sum, other) => sum + Math.exp(other[row]! - own[row]!), 0)
  const code = objective.name === 'logistic' ? 1 : output
  return (row) => {
    const probability = probabilityOf(row)
    const isClass = targets[row] === code ? 1 : 0
    return [probability - isClass, probability * (1 - probability) * objective.hessianFactor]
  }
}

function writeLambdas(rows: GradientRows, gradients: Float32Array, hessians: Float32Array): void {
  const starts = rows.queryStarts!
  const ranking = createRanking()
  for (let q = 0; q + 1 < starts.length; q++)
    ranking.addLambdas(
      { begin: starts[q]!, end: starts[q + 1]! },
      rows.scores[0]!,
      rows.targets,
      rows.truncation,
      gradients,
      hessians,
    )
}
