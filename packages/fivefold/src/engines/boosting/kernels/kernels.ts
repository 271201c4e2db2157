import { KERNELS_WASM_BASE64 } from './wasm.generated.ts'

type Numbers<Names extends string[]> = { [Index in keyof Names]: number }
type Kernel<Names extends string[], Result = void> = (...args: Numbers<Names>) => Result

/** The functions of `packages/kernels/assembly/boosting`, where each is described. Addresses are bytes into the one memory. */
export interface Kernels {
  sortFloats: Kernel<['values', 'scratch', 'count', 'counters']>
  binColumn: Kernel<['values', 'count', 'cuts', 'columnBins', 'rowBins', 'rowStride']>
  logisticLink: Kernel<['scores', 'targets', 'weights', 'begin', 'end', 'probabilities'], number>
  softmaxLink: Kernel<
    ['scores', 'strideBytes', 'classCount', 'targets', 'weights', 'begin', 'end', 'probabilities'],
    number
  >
  squaredLoss: Kernel<['scores', 'targets', 'weights', 'begin', 'end'], number>
  gradientStatistics: Kernel<
    ['predictions', 'targets', 'weights', 'begin', 'end', 'kind', 'classCode', 'hessianFactor', 'out']
  >
  quantiseGradients: Kernel<
    [
      ...['predictions', 'targets', 'weights', 'begin', 'end', 'kind', 'classCode', 'hessianFactor'],
      ...['gradientScale', 'hessianScale', 'noise', 'seed', 'records'],
    ]
  >
  separateSample: Kernel<['records', 'count', 'scratch', 'seed', 'threshold'], number>
  leafGradientSums: Kernel<
    ['records', 'count', 'predictions', 'targets', 'weights', 'kind', 'classCode', 'hessianFactor', 'out']
  >
  accumulateHistogram: Kernel<
    ['rowBins', 'stride', 'records', 'count', 'histogram', 'ranges', 'featureCount', 'touchAhead'],
    number
  >
  countBins: Kernel<['column', 'records', 'count', 'counts']>
  accumulateLists: Kernel<['starts', 'lists', 'records', 'count', 'cells', 'ranges']>
  countOthers: Kernel<['column', 'count', 'frequentBin', 'counts']>
  startLists: Kernel<['starts', 'rowCount']>
  listOthers: Kernel<['column', 'count', 'frequentBin', 'firstCell', 'missingCell', 'cursors', 'lists']>
  clearCells: Kernel<['cells', 'ranges']>
  finishHistogram: Kernel<
    [
      ...['fresh', 'parts', 'partBytes', 'partCount', 'parent', 'firstFeature', 'endFeature'],
      ...['featureCells', 'binCounts'],
    ]
  >
  copyBytes: Kernel<['target', 'source', 'sizeBytes']>
  findBestSplit: Kernel<
    [
      ...[
        'histogram',
        'firstFeature',
        'endFeature',
        'binCounts',
        'featureCells',
        'totalG',
        'totalH',
        'inverseG',
        'inverseH',
      ],
      ...['l1', 'l2', 'minHessian', 'out'],
    ]
  >
  findBestSplitLimited: Kernel<
    [
      ...[
        'histogram',
        'firstFeature',
        'endFeature',
        'binCounts',
        'featureCells',
        'totalG',
        'totalH',
        'inverseG',
        'inverseH',
      ],
      ...['l1', 'l2', 'minHessian', 'counts', 'totalRows', 'minRows', 'directions', 'low', 'high', 'out'],
    ]
  >
  findBestSplits: Kernel<
    [
      ...['histogram', 'featureCount', 'binCounts', 'featureCells', 'totalG', 'totalH', 'inverseG', 'inverseH'],
      ...['l1', 'l2', 'minHessian', 'out'],
    ]
  >
  partitionBySides: Kernel<['column', 'records', 'count', 'sides', 'scratch'], number>
  partitionRecords: Kernel<['column', 'records', 'count', 'bin', 'missingLeft', 'scratch'], number>
  addLeafValue: Kernel<['scores', 'records', 'count', 'value']>
  addTreeToScores: Kernel<['columnBins', 'rowCount', 'nodes', 'sets', 'records', 'begin', 'end', 'scores']>
  predictRows: Kernel<['block', 'rowCount', 'nodes', 'trees', 'treeCount', 'scores']>
  predictRowsByCategory: Kernel<['block', 'rowCount', 'nodes', 'trees', 'treeCount', 'values', 'scores']>
  predictRowsInHeaps: Kernel<['block', 'rowCount', 'heaps', 'depth', 'treeCount', 'scores']>
  predictRow: Kernel<['block', 'nodes', 'trees', 'treeCount', 'base'], number>
  predictRowByCategory: Kernel<['block', 'nodes', 'trees', 'treeCount', 'values', 'base'], number>
  predictRowInHeaps: Kernel<['block', 'heaps', 'depth', 'treeCount', 'base'], number>
}

const PAGE_BYTES = 65_536
/** A 32-bit memory cannot be larger. */
export const MAX_MEMORY_BYTES = 2 ** 32

export function compileKernels(): WebAssembly.Module {
  return new WebAssembly.Module(Buffer.from(KERNELS_WASM_BASE64, 'base64'))
}

/** Shared memory of fixed size: it never grows, so views on it stay valid. */
export function allocateMemory(sizeBytes: number): WebAssembly.Memory {
  const pages = Math.ceil(sizeBytes / PAGE_BYTES)
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

/** Each thread has an instance of its own over the one memory. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  // The export list is what packages/kernels/assembly/boosting/index.ts says, which a test holds against this interface.
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
}
