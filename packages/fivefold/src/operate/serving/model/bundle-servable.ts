import { type Bundle, type BundleInput, checkGraph } from '../../../bundle/index.ts'
import type { SessionOptions } from '../../../onnx/index.ts'
import { backgroundRows } from './background-rows.ts'
import { openOnnxServable } from './onnx-servable.ts'
import type { Servable, TableFace } from './servable.ts'
import type { ServedColumn } from './table-face.ts'

export interface BundleServableOptions {
  /** Default: the name in the bundle. */
  readonly name?: string
  readonly version: string
  readonly session?: SessionOptions
}

/** A model bundle: its graph takes raw columns as tensors [rows, 1]. @throws BUNDLE_INVALID, GRAPH_INVALID */
export function openBundleServable(bundle: Bundle, options: BundleServableOptions): Promise<Servable> {
  const { manifest, model } = bundle
  const { task, target } = manifest.problem
  return openOnnxServable(model, {
    name: manifest.name,
    ...options,
    description: `Predicts ${target} (${task}).`,
    isBatched: true,
    table: tableFaceOf(bundle),
    digest: async () => manifest.files['model.onnx']!,
    check: (session) => checkGraph(session, manifest),
  })
}

function tableFaceOf({ manifest, referencePath }: Bundle): TableFace {
  const { task, target, classes } = manifest.problem
  return {
    columns: manifest.inputs.map(servedColumn),
    output: task === 'classification' ? { task, target, classes } : { task, target },
    background: backgroundRows({ manifest, referencePath }),
  }
}

/** A description of a thousand values is read by nobody. */
const MAX_DESCRIBED_CATEGORIES = 50

/** Without the keys that are there and undefined. */
function servedColumn({ name, type, tensor, nullable, meaning, range, categories }: BundleInput): ServedColumn {
  return {
    name,
    type,
    tensor,
    nullable,
    ...(meaning === undefined ? {} : { meaning }),
    ...(range === undefined ? {} : { range }),
    ...(categories === undefined ? {} : { categories: categories.slice(0, MAX_DESCRIBED_CATEGORIES) }),
  }
}
