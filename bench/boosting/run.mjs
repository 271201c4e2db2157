/**
 * Our boosting beside XGBoost `hist` and LightGBM: training time, memory and quality. JSON on stdout, a table and the
 * progress on stderr. Needs `npm run build` before.
 *
 *   npm run bench:boosting                          every case, growth and number of threads, interleaved
 *     [--cases narrow,wide,flights,classes,ranking] [--threads 1,2] [--repeats 3] [--rounds 100]
 *     [--growths depth,leaf] [--rows N]             training rows of each case, instead of the case's own
 *   npm run bench:boosting -- --quality [--tables adult,titanic]    5-fold over the shared tables, each library's defaults
 *   npm run bench:boosting -- --memory [--rows 10000000] [--rounds 10] [--threads 1,2]    one large training of ours
 *
 * The peers run in a virtual environment that is made once, in ~/.cache/fivefold-python; FIVEFOLD_BENCH_PYTHON names an
 * interpreter that has the packages of requirements.txt instead. Without Python only ours is measured, and the output says so.
 */
import { machine } from './machine.mjs'
import { measureMemory } from './memory.mjs'
import { readOptions } from './options.mjs'
import { measureQuality } from './quality.mjs'
import { measureSpeed } from './speed.mjs'

const options = readOptions(process.argv.slice(2))
const measure = options.quality ? measureQuality : options.memory ? measureMemory : measureSpeed
const began = machine()
const result = await measure(options)
console.log(JSON.stringify({ bench: 'boosting', machine: began, loadAfter: machine().load, ...result }, null, 2))
