import { flightsCase } from './flights.mjs'
import { rankingCase } from './ranking.mjs'
import { manyClasses, twoClasses } from './synthetic.mjs'

/**
 * What is trained on. `make(rows)` gives a data set, `rows` being the training rows or undefined for the case's own
 * number, or `{ skipped: reason }`. Data sets: see data-set-files.mjs.
 */
export const CASES = {
  narrow: { growths: ['depth', 'leaf'], make: (rows = 500_000) => twoClasses(rows, 28, 100_000) },
  wide: { growths: ['depth', 'leaf'], make: (rows = 50_000) => twoClasses(rows, 200, 20_000) },
  flights: { growths: ['leaf'], make: flightsCase },
  classes: { growths: ['leaf'], make: (rows = 100_000) => manyClasses(rows, 30, 10, 20_000) },
  ranking: { growths: ['leaf'], make: rankingCase },
}
