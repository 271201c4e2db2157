export { binColumn, sortFloats } from './binning'
export { gradientStatistics, leafGradientSums, quantiseGradients, separateSample } from './gradients'
export { accumulateHistogram, clearCells, copyBytes, countBins, finishHistogram } from './histogram'
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
export { accumulateLists, countOthers, listOthers, startLists } from './row-lists'
export { addLeafValue, addTreeToScores } from './scores'
export { findBestSplit, findBestSplitLimited, findBestSplits } from './splits'
