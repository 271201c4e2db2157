import type { OperatorName } from '../operators/catalogue.ts'
import * as act from './activations.ts'
import { attention, multiHeadAttention } from './attention.ts'
import { cast, castLike } from './casting.ts'
import * as contrib from './contributed.ts'
import { conv, convTranspose } from './convolution.ts'
import { constant, constantOfShape, eyeLike, range } from './creation.ts'
import { dropout } from './dropout.ts'
import { einsum } from './einsum.ts'
import * as el from './elementwise.ts'
import { roundHalfToEven } from './half-precision.ts'
import * as ix from './indexing.ts'
import type { Kernel } from './kernel.ts'
import * as loss from './losses.ts'
import * as mv from './movement.ts'
import * as norm from './normalization.ts'
import { argBest, cumSum, topK } from './ordering.ts'
import * as pool from './pooling.ts'
import { fusedMatMul, gemm, matMul } from './products.ts'
import { gru, lstm, rnn } from './recurrent.ts'
import * as red from './reductions.ts'
import { resize } from './resize.ts'
import { hardmax, logSoftmax, softmax } from './softmax.ts'

/** The meaning of each operator. */
export const KERNELS: Readonly<Record<OperatorName, Kernel>> = {
  Abs: el.signed(Math.abs, (value) => (value < 0n ? -value : value)),
  Neg: el.signed(
    (value) => -value,
    (value) => -value,
  ),
  Sign: el.unary(Math.sign),
  Exp: el.unary(Math.exp),
  Log: el.unary(Math.log),
  Sqrt: el.unary(Math.sqrt),
  Reciprocal: el.unary((value) => 1 / value),
  Floor: el.unary(Math.floor),
  Ceil: el.unary(Math.ceil),
  Round: el.unary(roundHalfToEven),
  Erf: el.unary(act.erf),
  Sin: el.unary(Math.sin),
  Cos: el.unary(Math.cos),
  Tan: el.unary(Math.tan),
  Asin: el.unary(Math.asin),
  Acos: el.unary(Math.acos),
  Atan: el.unary(Math.atan),
  Sinh: el.unary(Math.sinh),
  Cosh: el.unary(Math.cosh),
  Tanh: el.unary(Math.tanh),
  Asinh: el.unary(Math.asinh),
  Acosh: el.unary(Math.acosh),
  Atanh: el.unary(Math.atanh),
  Relu: el.unary(act.relu),
  LeakyRelu: act.activation(act.leakyRelu),
  PRelu: act.pRelu,
  Elu: act.activation(act.elu),
  Selu: act.activation(act.selu),
  Celu: act.activation(act.celu),
  Gelu: act.activation(act.gelu),
  Mish: el.unary(act.mish),
  Sigmoid: el.unary(act.sigmoid),
  HardSigmoid: act.activation(act.hardSigmoid),
  HardSwish: el.unary(act.hardSwish),
  Softplus: el.unary(act.softplus),
  Softsign: el.unary(act.softsign),
  ThresholdedRelu: act.activation(act.thresholdedRelu),
  Clip: el.clip,
  Identity: el.identity,
  Cast: cast,
  CastLike: castLike,
  IsNaN: el.test(Number.isNaN),
  IsInf: el.test(el.isInf),
  Not: el.test((value) => value === 0),

  Add: el.arithmetic(el.ADD),
  Sub: el.arithmetic(el.SUB),
  Mul: el.arithmetic(el.MUL),
  Div: el.arithmetic(el.DIV),
  Pow: el.pow,
  Mod: el.mod,
  Min: el.arithmetic(el.MIN),
  Max: el.arithmetic(el.MAX),
  Sum: el.arithmetic(el.ADD),
  Mean: el.mean,
  Where: el.where,
  And: el.logic((a, b) => a && b),
  Or: el.logic((a, b) => a || b),
  Xor: el.logic((a, b) => a !== b),
  Equal: el.comparison((a, b) => a === b),
  Less: el.comparison((a, b) => a < b),
  LessOrEqual: el.comparison((a, b) => a <= b),
  Greater: el.comparison((a, b) => a > b),
  GreaterOrEqual: el.comparison((a, b) => a >= b),

  ReduceSum: red.reduceSum,
  ReduceMean: red.reduceMean,
  ReduceMax: red.reduceMax,
  ReduceMin: red.reduceMin,
  ReduceProd: red.reduceProd,
  ReduceL1: red.reduceL1,
  ReduceL2: red.reduceL2,
  ReduceLogSum: red.reduceLogSum,
  ReduceLogSumExp: red.reduceLogSumExp,
  ReduceSumSquare: red.reduceSumSquare,

  ArgMax: argBest((a, b) => a > b),
  ArgMin: argBest((a, b) => a < b),
  CumSum: cumSum,
  TopK: topK,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  Hardmax: hardmax,

  Reshape: mv.reshape,
  Flatten: mv.flatten,
  Squeeze: mv.squeeze,
  Unsqueeze: mv.unsqueeze,
  Transpose: mv.transpose,
  Expand: mv.expand,
  Shape: mv.shapeOf,
  Size: mv.sizeOf,
  Concat: mv.concat,
  Split: mv.split,
  Slice: mv.slice,
  Pad: mv.pad,
  Tile: mv.tile,
  Gather: ix.gather,
  GatherElements: ix.gatherElements,
  GatherND: ix.gatherND,
  ScatterElements: ix.scatterElements,
  ScatterND: ix.scatterND,
  DepthToSpace: mv.depthToSpace,
  SpaceToDepth: mv.spaceToDepth,
  OneHot: ix.oneHot,
  Range: range,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  EyeLike: eyeLike,
  Trilu: mv.trilu,
  Resize: resize,

  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,

  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool.maxPool,
  AveragePool: pool.averagePool,
  LpPool: pool.lpPool,
  GlobalAveragePool: pool.globalAveragePool,
  GlobalMaxPool: pool.globalMaxPool,
  BatchNormalization: norm.batchNormalization,
  InstanceNormalization: norm.instanceNormalization,
  GroupNormalization: norm.groupNormalization,
  LayerNormalization: norm.layerNormalization,
  LpNormalization: norm.lpNormalization,
  RMSNormalization: norm.rmsNormalization,
  Dropout: dropout,
  LSTM: lstm,
  GRU: gru,
  RNN: rnn,
  SoftmaxCrossEntropyLoss: loss.softmaxCrossEntropyLoss,
  NegativeLogLikelihoodLoss: loss.negativeLogLikelihoodLoss,

  'com.microsoft.Gelu': el.unary(act.geluByErf),
  'com.microsoft.FastGelu': contrib.fastGelu,
  'com.microsoft.BiasGelu': contrib.biasGelu,
  'com.microsoft.QuickGelu': contrib.quickGelu,
  'com.microsoft.SkipLayerNormalization': contrib.skipLayerNormalization,
  SimplifiedLayerNormalization: norm.rmsNormalization,
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.Attention': attention,
  'com.microsoft.MultiHeadAttention': multiHeadAttention,
  'com.microsoft.EmbedLayerNormalization': contrib.embedLayerNormalization,
}
