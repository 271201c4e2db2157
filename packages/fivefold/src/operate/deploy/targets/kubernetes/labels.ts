import type { DeployPlan } from '../../deploy-plan.ts'

/** What selects the pods; never changes, since selectors of a Deployment cannot. */
export const selector = ({ name }: DeployPlan): string => `app.kubernetes.io/name: ${name}`

/** Labels of every resource. Quoted: a version such as 1 would be a number. */
export const labels = (plan: DeployPlan): string =>
  [
    selector(plan),
    `app.kubernetes.io/version: "${plan.model.version}"`,
    'app.kubernetes.io/component: model-server',
    'app.kubernetes.io/managed-by: fivefold',
  ].join('\n')
