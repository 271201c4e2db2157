import { execFile } from 'node:child_process'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { type BundleContent, type BundleInput, type BundleManifest, writeBundle } from '../bundle/index.ts'
import { type ColumnSummary, type Evaluation, modelCard } from '../evaluate/index.ts'
import type { EvaluateInput } from './evaluate-input.ts'
import { packageVersions } from './package-versions.ts'
import { referenceSample } from './reference-sample.ts'
import { contentKey } from './stage-cache.ts'

type BundleSources = EvaluateInput & { readonly evaluation: Evaluation }

/** The bundle of the chosen model, complete or not at all. */
export async function writeModelBundle(input: BundleSources): Promise<BundleManifest> {
  const { config, paths, problem, trained, evaluation, data } = input
  const columns = trained.inputs.map(({ name }) => trained.columns.find((column) => column.name === name)!)
  const dataset = { name: basename(config.data.location), rows: trained.fittedRows, hash: data.hash }
  return writeBundle(join(paths.out, 'model'), {
    model: trained.model,
    manifest: await contentOf(input, columns),
    reference: referenceSample(input),
    modelCard: modelCard({ name: config.name, estimator: trained.estimator, problem, evaluation, columns, dataset }),
  })
}

async function contentOf(input: BundleSources, columns: readonly ColumnSummary[]): Promise<BundleContent> {
  const { config, problem, trained, evaluation, protocol } = input
  return {
    name: config.name,
    problem,
    inputs: trained.inputs.map(({ name, type, tensor, nullable, datetimeFormat }) => ({
      name,
      type,
      tensor,
      nullable,
      ...(datetimeFormat !== undefined && { datetimeFormat }),
      ...seenValues(columns.find((column) => column.name === name)!),
    })),
    outputs: [...trained.outputs],
    features: trained.features.map(({ step, inputs, outputs }) => ({
      step,
      inputs: [...inputs],
      outputs: [...outputs],
    })),
    estimator: { name: trained.estimator, params: JSON.parse(JSON.stringify(trained.params)) as Record<string, never> },
    threshold: trained.threshold,
    lineage: await lineageOf(input),
    metrics: { protocol: protocol.description, values: evaluation.metrics },
    limits: limitsOf(evaluation),
  }
}

/** Where the measured model should not be trusted: the slices on which it is worse than elsewhere, and what was noted. */
function limitsOf({ slices, notes, verdict }: Evaluation): string[] {
  const weak = slices.found.map(
    ({ conditions, rows, meanLoss }) =>
      `worse where ${conditions.map((condition) => condition.text).join(' and ')}: ${slices.loss} ${meanLoss.toPrecision(3)} on ${rows} rows, ${slices.overallLoss.toPrecision(3)} overall`,
  )
  const doubt =
    verdict.againstBaseline === 'better'
      ? []
      : [`not shown to be better than the baseline (${verdict.againstBaseline})`]
  return [...doubt, ...weak, ...notes]
}

async function lineageOf({
  config,
  paths,
  data,
  protocol,
  trained,
  stages,
}: BundleSources): Promise<BundleManifest['lineage']> {
  // Where a run's files go does not change what comes out of it.
  const { out: _out, store: _store, tracking: _tracking, ...meaningful } = config
  return {
    dataHash: data.hash,
    rows: trained.fittedRows,
    split: protocol.description,
    seed: stages.context.seed,
    configHash: contentKey(meaningful),
    codeCommit: await codeCommit(paths.folder),
    packages: packageVersions(),
  }
}

/** The commit of the project's own code, where it lies in a git repository. */
async function codeCommit(folder: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, 'rev-parse', 'HEAD'], { timeout: 5_000 })
    return stdout.trim()
  } catch {
    return null
  }
}

/** What training rows held, for documentation of the input. */
function seenValues({
  low,
  high,
  values,
  valueCount,
}: ColumnSummary): Pick<BundleInput, 'range' | 'categories' | 'categoryCount'> {
  return {
    ...(low !== undefined && high !== undefined && { range: [low, high] }),
    ...(values && { categories: [...values] }),
    ...(valueCount !== undefined && { categoryCount: valueCount }),
  }
}
