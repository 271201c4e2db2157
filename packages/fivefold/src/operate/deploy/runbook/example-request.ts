import type { DeployPlan } from '../deploy-plan.ts'

/** A body for `POST /predict`. Characters that YAML does not take as they are stand as escapes. */
export function exampleBody({ model }: DeployPlan): string {
  const body = JSON.stringify({ rows: [model.exampleRow] }, null, 2)
  return body.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
