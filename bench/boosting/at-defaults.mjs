import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDataSet } from './data-set-files.mjs'
import { availableLibraries, startLearner } from './learners.mjs'
import { objectiveOf } from './parameters.mjs'

/** Starts every library; `train` gives their predictions of a data set's test rows, each with its own defaults. */
export async function startAtDefaults({ rounds, threads }) {
  const names = availableLibraries()
  const learners = await Promise.all(names.map(startLearner))
  return {
    versions: Object.fromEntries(names.map((name, i) => [name, learners[i].version])),
    train: async (dataSet) => {
      const folder = mkdtempSync(join(tmpdir(), 'fivefold-bench-'))
      try {
        writeDataSet(folder, dataSet)
        const predictions = {}
        for (const [i, name] of names.entries()) {
          const request = { folder, parameters: objectiveOf(name, dataSet.kind), rounds, threads }
          predictions[name] = (await learners[i].train(request)).predictions
        }
        return predictions
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    stop: () => {
      for (const learner of learners) learner.stop()
    },
  }
}
