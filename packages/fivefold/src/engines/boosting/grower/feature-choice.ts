import type { Rng } from '../../../core/index.ts'
import type { Workspace } from '../kernels/workspace.ts'

/** Where in a tree a search for a split takes place. */
export interface NodePlace {
  readonly depth: number
  /** Features split on between the root and this node. */
  readonly path: readonly number[]
}

/** Features that a node may split on. */
export interface NodeFeatures {
  /** Address of the bin counts for the search by threshold; 0 bins hide a feature. */
  readonly binCounts: number
  readonly categorical: readonly number[]
}

/** Decides what each node of one tree may split on. */
export interface FeatureChoice {
  /** @param slot 0 or 1: searches that run together have one each */
  ofNode(place: NodePlace, slot: 0 | 1): NodeFeatures
}

/** Draws the features of a tree, of its levels and of its nodes. */
export function chooseFeatures(workspace: Workspace, rng: Rng): FeatureChoice {
  const { layout, job } = workspace
  const { columnSample, columnSampleByLevel, columnSampleByNode } = job.params
  const all = Array.from({ length: layout.featureCount }, (_, feature) => feature)
  const ofTree = sample(all, columnSample, rng)
  const levels: number[][] = []
  const ofLevel = (depth: number): readonly number[] => {
    if (columnSampleByLevel === 1) return ofTree
    // A level's features do not depend on when its first node is reached.
    levels[depth] ??= sample(ofTree, columnSampleByLevel, levelRng.fork(`level ${depth}`))
    return levels[depth]
  }
  const levelRng = columnSampleByLevel < 1 ? rng.fork(`levels ${rng.int(2 ** 32)}`) : rng
  const whole = publish(workspace, ofTree, layout.treeBinCounts)
  const isUniform = columnSampleByLevel === 1 && columnSampleByNode === 1 && job.rules.interactions === undefined
  if (isUniform) return { ofNode: () => whole }
  return {
    ofNode: ({ depth, path }, slot) => {
      const allowed = mayInteract(ofLevel(depth), path, job.rules.interactions)
      return publish(workspace, sample(allowed, columnSampleByNode, rng), layout.nodeBinCounts[slot])
    },
  }
}

function sample(features: readonly number[], share: number, rng: Rng): number[] {
  if (share === 1 || features.length === 0) return [...features]
  const kept = Math.max(1, Math.round(share * features.length))
  return rng.shuffle([...features]).slice(0, kept)
}

/** Those that share a set with all features of the path. */
function mayInteract(
  features: readonly number[],
  path: readonly number[],
  sets: readonly (readonly number[])[] | undefined,
): readonly number[] {
  if (sets === undefined || path.length === 0) return features
  const open = new Set(sets.filter((set) => path.every((feature) => set.includes(feature))).flat())
  return features.filter((feature) => open.has(feature))
}

function publish({ layout, int32, job }: Workspace, features: readonly number[], address: number): NodeFeatures {
  const counts = int32.subarray(address / 4, address / 4 + layout.featureCount).fill(0)
  const categorical: number[] = []
  for (const feature of features) {
    // The search by threshold does not see categories.
    if (job.categories[feature] !== undefined) categorical.push(feature)
    else counts[feature] = int32[layout.binCounts / 4 + feature]!
  }
  return { binCounts: address, categorical: categorical.sort((a, b) => a - b) }
}
