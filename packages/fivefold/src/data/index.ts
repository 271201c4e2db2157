export { quoteName as quoteSqlName, quoteText as quoteSqlText } from './duck/sql.ts'
export {
  type Column,
  columnOf,
  type Frame,
  finiteOrNaN,
  frameOf,
  type NumberColumn,
  numberColumnOf,
  type RowIndex,
  type StringColumn,
  selectColumns,
  stringColumnFrom,
  stringColumnOf,
  takeRows,
} from './frame.ts'
export { frameFromRows, missingText, type RowsAsFrame } from './frame-from-rows.ts'
export { valueReadings } from './infer/text-readings.ts'
export {
  allocateFeature,
  type FeatureMatrix,
  type Predictions,
  type Target,
  takeMatrixRows,
  takeTargetRows,
} from './matrix.ts'
export { openTable } from './open-table.ts'
export { parquetBytes } from './parquet-bytes.ts'
export { type ParquetBounds, type ParquetCells, readParquetCells } from './parquet-cells.ts'
export {
  type ColumnSchema,
  isNumeric,
  type Schema,
  SEMANTIC_TYPES,
  type SemanticType,
  type TensorType,
} from './schema.ts'
export { columnSchemaJson } from './schema-json.ts'
export { mergeDictionary, stackFrames } from './stack-frames.ts'
export type { SourceOptions, Table } from './table.ts'
export {
  type AlignedTarget,
  alignClasses,
  rowsWithTarget,
  sortClasses,
  type TargetTask,
  targetFromColumn,
} from './target.ts'
export { unknownColumns } from './unknown-columns.ts'
export { type ColumnDifference, diffVersions, type VersionDifference } from './versions/diff-versions.ts'
export { type DataVersion, listVersions, resolveVersion, snapshotTable } from './versions/snapshots.ts'
export { type OutputFormat, writeFrames } from './write-frames.ts'
