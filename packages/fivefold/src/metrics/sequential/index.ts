export { proportionSequence } from './binomial-mixture.ts'
export {
  compareMeansSequentially,
  momentsOfCounts,
  type SequentialComparison,
  type SequentialOptions,
} from './compare-means.ts'
export { type CupedComparison, compareWithCuped } from './cuped.ts'
export {
  type Detection,
  type DetectionOptions,
  type EventCounts,
  excessEvidence,
  requestsUntilDetection,
} from './excess-events.ts'
export { addPair, addValue, type Moments, NO_MOMENTS, NO_PAIR_MOMENTS, type PairMoments } from './moments.ts'
export {
  compareQuantilesSequentially,
  type QuantileComparison,
  type QuantileInterval,
  quantileSequence,
} from './quantile-sequence.ts'
export {
  type SampleRatioTest,
  sampleRatioEvidence,
  sampleRatioPValue,
  sampleRatioTest,
} from './sample-ratio.ts'
export {
  type MeansPlan,
  type ProportionsPlan,
  type SampleSize,
  sampleSizeForMeans,
  sampleSizeForProportions,
} from './sample-size.ts'
export { createHistogram, type HistogramBuilder, type ValueHistogram } from './value-histogram.ts'
