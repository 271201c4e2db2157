/**
 * The operators that graphs are inferred, evaluated and differentiated over. Three tables are keyed by these names, and each
 * must have an entry for every one: shapes (`operators/shapes`), reference kernels (`reference/`), gradients (`autodiff/`).
 * Operators of the standard set go by their name, contributed ones by `com.microsoft.` and theirs.
 */
export const OPERATORS = [
  // one value to one value
  ...['Abs', 'Neg', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Erf'],
  ...['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Tanh', 'Asinh', 'Acosh', 'Atanh'],
  ...['Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'Mish', 'Sigmoid', 'HardSigmoid', 'HardSwish'],
  ...['Softplus', 'Softsign', 'ThresholdedRelu', 'Clip', 'Identity', 'Cast', 'CastLike', 'IsNaN', 'IsInf', 'Not'],
  // two values or more to one
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Mod', 'Min', 'Max', 'Sum', 'Mean', 'Where'],
  ...['And', 'Or', 'Xor', 'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'],
  // over axes
  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2'],
  ...['ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare', 'ArgMax', 'ArgMin', 'CumSum', 'TopK'],
  ...['Softmax', 'LogSoftmax', 'Hardmax'],
  // moving values
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Expand', 'Shape', 'Size', 'Concat', 'Split', 'Slice'],
  ...['Pad', 'Tile', 'Gather', 'GatherElements', 'GatherND', 'ScatterElements', 'ScatterND', 'DepthToSpace'],
  ...['SpaceToDepth', 'OneHot', 'Range', 'Constant', 'ConstantOfShape', 'EyeLike', 'Trilu', 'Resize'],
  // products
  ...['MatMul', 'Gemm', 'Einsum'],
  // networks
  ...['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool'],
  ...['BatchNormalization', 'InstanceNormalization', 'GroupNormalization', 'LayerNormalization', 'LpNormalization'],
  ...['RMSNormalization', 'Dropout', 'LSTM', 'GRU', 'RNN', 'SoftmaxCrossEntropyLoss', 'NegativeLogLikelihoodLoss'],
  // contributed
  ...['com.microsoft.Gelu', 'com.microsoft.FastGelu', 'com.microsoft.BiasGelu', 'com.microsoft.QuickGelu'],
  ...['com.microsoft.SkipLayerNormalization', 'SimplifiedLayerNormalization', 'com.microsoft.FusedMatMul'],
  ...['com.microsoft.Attention', 'com.microsoft.MultiHeadAttention', 'com.microsoft.EmbedLayerNormalization'],
] as const

export type OperatorName = (typeof OPERATORS)[number]
