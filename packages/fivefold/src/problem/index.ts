export {
  type Constraints,
  type Criterion,
  constraintsSchema,
  criterionSchema,
  type Problem,
  problemSchema,
} from './problem.ts'
