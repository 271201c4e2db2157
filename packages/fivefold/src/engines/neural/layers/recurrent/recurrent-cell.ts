import type { Attributes } from '../../../../onnx/index.ts'

/** A kind of recurrence: its operator, and how PyTorch's parameters become the operator's. */
export interface RecurrentCell {
  readonly operator: 'LSTM' | 'GRU'
  /** Where the operator's gates lie among PyTorch's, of which each has rows of its own in every parameter. */
  readonly gates: readonly number[]
  readonly attributes: Attributes
}
