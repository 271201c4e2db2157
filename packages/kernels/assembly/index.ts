export { binColumn, sortFloats } from './binning'
export { gradientStatistics, leafGradientSums, quantiseGradients, separateSample } from './gradients'
export { accumulateHistogram, addHistogram, clearHistogram, copyBytes, countBins, subtractHistogram } from './histogram'
export { logisticLink, softmaxLink, squaredLoss } from './links'
export { partitionBySides, partitionRecords } from './partition'
export {
  predictRow,
  predictRowByCategory,
  predictRowInHeaps,
  predictRows,
  predictRowsByCategory,
  predictRowsInHeaps,
} from './predict'
export { addLeafValue, addTreeToScores } from './scores'
export { findBestSplit, findBestSplitLimited, findBestSplits } from './splits'
