/**
 * The neural engine beside PyTorch on the CPU: time, memory, quality. JSON on stdout, a table and the progress on stderr. Needs
 * `npm run build` before.
 *
 *   npm run bench:neural                            milliseconds of a training step (forward, backward, optimiser) and of
 *     [--cases mlp,cnn,resnet,transformer,lstm]     inference, in turns with PyTorch; outputs, loss and gradients are compared
 *     [--kinds train,infer] [--threads 1,2] [--repeats 7]    before anything is timed
 *   npm run bench:neural -- --memory                resident memory along a training run, and how long the event loop waits
 *     [--cases mlp,lstm] [--steps 5000] [--threads 2]
 *   npm run bench:neural -- --quality               accuracy on the shared data sets
 *     [--cases mnist,cifar,trec] [--epochs N] [--rows N] [--threads 2] [--out DIR]
 *
 * The peers run in a virtual environment that is made once, in ~/.cache/fivefold-python; FIVEFOLD_BENCH_PYTHON names an
 * interpreter that has the packages of requirements.txt instead. Without Python only ours is measured, and the output says so.
 */
import { machine } from '../boosting/machine.mjs'
import { measureMemory } from './memory.mjs'
import { readOptions } from './options.mjs'
import { measureQuality } from './quality/quality.mjs'
import { measureSpeed } from './speed.mjs'

const options = readOptions(process.argv.slice(2))
const measure = options.quality ? measureQuality : options.memory ? measureMemory : measureSpeed
const began = machine()
const result = await measure(options)
console.log(JSON.stringify({ bench: 'neural', machine: began, loadAfter: machine().load, ...result }, null, 2))
