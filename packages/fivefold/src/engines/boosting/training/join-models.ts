import type { BoostingModel } from '../model/model.ts'
import { joinSets, type Trees } from '../model/trees.ts'

/** One model of the trees of both, those of `first` first; `second` was trained on what `first` leaves. */
export function joinModels(first: BoostingModel, second: BoostingModel): BoostingModel {
  const join = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b]
  return {
    ...second,
    baseScores: first.baseScores,
    trees: joinTrees(first.trees, second.trees),
    history: {
      train: join(first.history.train, second.history.train),
      validation: join(first.history.validation, second.history.validation),
      ...(second.history.metric !== undefined && { metric: second.history.metric }),
    },
    bestRound: (first.trees.starts.length - 1) / first.baseScores.length + second.bestRound,
  }
}

function joinTrees(a: Trees, b: Trees): Trees {
  const nodesOfA = a.feature.length
  const setsOfA = a.sets.starts.length - 1
  const sets = [...setsOf(a), ...setsOf(b)]
  return {
    starts: Uint32Array.from([...a.starts, ...b.starts.subarray(1).map((start) => start + nodesOfA)]),
    output: Uint16Array.from([...a.output, ...b.output]),
    feature: Int32Array.from([...a.feature, ...b.feature]),
    threshold: Float32Array.from([...a.threshold, ...b.threshold]),
    categorySet: Int32Array.from([...a.categorySet, ...b.categorySet.map((set) => (set < 0 ? set : set + setsOfA))]),
    membersLeft: Uint8Array.from([...a.membersLeft, ...b.membersLeft]),
    missingLeft: Uint8Array.from([...a.missingLeft, ...b.missingLeft]),
    left: Uint32Array.from([...a.left, ...b.left]),
    value: Float32Array.from([...a.value, ...b.value]),
    gain: Float32Array.from([...a.gain, ...b.gain]),
    cover: Float64Array.from([...a.cover, ...b.cover]),
    sets: joinSets(sets),
  }
}

function setsOf({ sets: { starts, words } }: Trees): Uint32Array[] {
  return Array.from({ length: starts.length - 1 }, (_, i) => words.subarray(starts[i], starts[i + 1]))
}
