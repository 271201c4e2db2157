/** How rows were divided into training and test rows; part of every result, since a metric means nothing without it. */
export interface SplitProtocol {
  readonly kind: 'random' | 'time' | 'group' | 'file'
  readonly seed: number
  readonly trainRows: number
  readonly testRows: number
  /** Rows left out because their target is missing. */
  readonly excludedRows: number
  /** Share of the test rows that was asked for. */
  readonly testFraction?: number
  /** Whether classes have the same shares on both sides. */
  readonly stratified?: boolean
  readonly timeColumn?: string
  /** First instant or number of the test side; everything before it is training. */
  readonly cut?: string | number
  readonly groupColumn?: string
  readonly trainGroups?: number
  readonly testGroups?: number
  /** Where the test rows came from. */
  readonly testLocation?: string
}
