import { MEASURES } from './measures.mjs'
import { deviation, mean } from './statistics.mjs'

/**
 * Adds to what is known of a table the means and spread over folds (or queries), and the paired differences.
 * @param folds for each fold the measure by library, ours first
 */
export function summariseTable(about, folds) {
  const of = (library) => folds.map((fold) => fold[library])
  const libraries = Object.keys(folds[0]).map((library) => [
    library,
    { mean: mean(of(library)), deviation: deviation(of(library)), folds: of(library) },
  ])
  const differences = libraries.slice(1).map(([peer]) => [peer, pairedDifference(of('ours'), of(peer))])
  return {
    ...about,
    libraries: Object.fromEntries(libraries),
    differences: Object.fromEntries(differences),
  }
}

/** Ours less the peer's on the same fold. Folds share training rows, so the standard error is too small rather than too large. */
function pairedDifference(ours, peer) {
  const differences = ours.map((value, fold) => value - peer[fold])
  return { mean: mean(differences), standardError: deviation(differences) / Math.sqrt(differences.length) }
}

/** Mean rank of each library (1 is best), mean difference of ROC AUC to each peer, and of RMSE as a share of the peer's. */
export function summariseTables(results) {
  if (results.length === 0) return {}
  const libraries = Object.keys(results[0].libraries)
  const ranks = libraries.map((library) => [library, mean(results.map((result) => rankOf(library, result)))])
  const peers = libraries.slice(1)
  const over = (measure, of) => {
    const some = results.filter((result) => result.measure === measure)
    return some.length === 0
      ? null
      : Object.fromEntries(peers.map((peer) => [peer, mean(some.map((each) => of(each, peer)))]))
  }
  return {
    meanRank: Object.fromEntries(ranks),
    meanRocAucDifference: over('rocAuc', ({ differences }, peer) => differences[peer].mean),
    meanRelativeRmseDifference: over('rmse', (each, peer) => each.differences[peer].mean / each.libraries[peer].mean),
  }
}

function rankOf(library, { libraries, measure }) {
  const sign = MEASURES[measure].higherIsBetter ? 1 : -1
  return 1 + Object.values(libraries).filter((other) => sign * (other.mean - libraries[library].mean) > 0).length
}
