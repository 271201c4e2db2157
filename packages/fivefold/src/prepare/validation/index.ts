export { inferValidationSchema } from './infer-validation-schema.ts'
export {
  parseValidationSchema,
  requireValid,
  type ValidateOptions,
  type ValidationReport,
  type Violation,
  validateTable,
} from './validate-table.ts'
export { type ColumnRules, type ValidationSchema, validationSchema } from './validation-schema.ts'
