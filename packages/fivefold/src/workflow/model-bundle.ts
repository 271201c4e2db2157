import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BundleManifest, writeBundle } from '../bundle/index.ts'
import { type Column, type ColumnSchema, type Frame, type Schema, selectColumns, takeRows } from '../data/index.ts'
import { type Evaluation, modelCard } from '../evaluate/index.ts'
import type { HeldOut } from '../train/index.ts'
import type { EvaluateInput } from './evaluate-stage.ts'
import { contentKey } from './stage-cache.ts'

const REFERENCE_ROWS = 20_000

/** The bundle of the chosen model, complete or not at all. */
export async function writeModelBundle(input: EvaluateInput & { evaluation: Evaluation }): Promise<BundleManifest> {
  const { config, paths, problem, trained, evaluation } = input
  const manifest = await manifestOf(input)
  return writeBundle(join(paths.out, 'model'), {
    model: trained.model,
    manifest,
    reference: referenceSample(input),
    modelCard: modelCard({ name: config.name, problem, evaluation, manifest, profile: input.profile }),
  })
}

async function manifestOf({ config, paths, data, problem, trained, evaluation, protocol, train, stages, profile }: EvaluateInput & { evaluation: Evaluation }) {
  const inputs = trained.inputs.map(({ name, type, tensor, nullable }) => ({ name, type, tensor, nullable, ...rangeOf(profile, name) }))
  return {
    name: config.name,
    problem,
    inputs,
    outputs: [...trained.outputs],
    features: trained.features.map((feature) => ({ ...feature })),
    estimator: { name: trained.estimator, params: { ...trained.params } },
    threshold: trained.threshold,
    lineage: {
      dataHash: data.hash,
      rows: train.frame.rowCount,
      split: protocol.description,
      seed: stages.context.seed,
      configHash: contentKey({ ...config, out: undefined, store: undefined }),
      codeCommit: await codeCommit(paths.folder),
      packages: packageVersions(),
    },
    metrics: { protocol: protocol.description, values: evaluation.metrics },
    limits: evaluation.limits,
  }
}
