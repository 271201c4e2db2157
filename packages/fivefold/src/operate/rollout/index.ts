export type { ArmReport, Bandit } from './bandit/bandit.ts'
export { createBandit } from './bandit/create-bandit.ts'
export {
  type Canary,
  type CanaryDecision,
  type CanaryReport,
  type CanaryState,
  type CanaryStatus,
  createCanary,
} from './canary/canary.ts'
export type { CanaryAnswer, CanaryEvent, CanaryGroup, CanaryOutcome } from './canary/canary-event.ts'
export type { CriterionReport, Observed } from './canary/criterion.ts'
export {
  type CanaryHarm,
  type CanaryPlan,
  type Harm,
  type PlannedCriterion,
  planCanary,
} from './canary/plan-canary.ts'
export {
  type Author,
  type Deployment,
  type DeploymentOptions,
  type DeploymentReport,
  openDeployment,
} from './deployment/deployment.ts'
export {
  type Change,
  type DeploymentRecord,
  type DeploymentSpec,
  type Fallback,
  parseDeploymentSpec,
  type Variant,
} from './deployment/deployment-record.ts'
export {
  createDeploymentStore,
  type DeploymentStore,
  ensureDeployment,
  type NewVersion,
} from './deployment/deployment-store.ts'
export type { EvidenceReport, VariantReport } from './deployment/evidence.ts'
export type { DeploymentRoute } from './deployment/in-force.ts'
export type { Answered, Outcome } from './deployment/intake.ts'
export {
  type Assignment,
  createExperiment,
  type Experiment,
  type ExperimentComparison,
  type ExperimentOutcome,
  type ExperimentReport,
  type SampleRatio,
  type Verdict,
} from './experiment/experiment.ts'
export {
  createRouter,
  type RequestHeaders,
  type Route,
  type RouteGroup,
  type RouteRequest,
  type Router,
  type RouterOptions,
} from './policy/router.ts'
export {
  type BanditPolicy,
  type CanaryPolicy,
  type ExperimentPolicy,
  type Goal,
  parseTrafficPolicy,
  type Traffic,
  type TrafficPolicy,
  trafficPolicySchema,
} from './policy/traffic-policy.ts'
export { type DeploymentPage, renderDeploymentHtml } from './report/render-deployment.ts'
export type { ShadowReport } from './shadow/shadow-tally.ts'
