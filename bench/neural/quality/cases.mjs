import { loadCifar, residualNetwork } from './cifar.mjs'
import { digitNetwork, loadMnist } from './mnist.mjs'
import { loadTrec, lstmReader, measureTfidf, transformerReader } from './trec.mjs'

/**
 * What is learned. `load(rows)` gives `{ train, validation, test }`, each `{ fields, count }` with a field `label`, or
 * undefined where the shared data are not there; models name their network and how it is trained.
 */
export const QUALITY_CASES = {
  mnist: {
    folder: 'images/mnist',
    load: loadMnist,
    models: { 'small CNN': digitNetwork },
    target: 0.993,
  },
  cifar: {
    folder: 'images/cifar10-jpeg',
    load: loadCifar,
    models: { 'small ResNet': residualNetwork },
    target: 0.8,
  },
  trec: {
    folder: 'text/trec',
    load: loadTrec,
    models: { LSTM: lstmReader, transformer: transformerReader },
    baseline: measureTfidf,
  },
}
