/** What may go wrong in operation: the rule for Prometheus, and what the person on call does. */
export interface Alert {
  readonly name: string
  /** PromQL; `job` selects the instances of the service. */
  readonly expression: string
  /** How long it has to hold. */
  readonly forMinutes: number
  readonly severity: 'page' | 'ticket'
  readonly meaning: string
  readonly actions: readonly string[]
}

/** The metrics that the rules stand on; a test holds them against what a server renders. */
export const ALERT_METRICS = ['fivefold_requests_total', 'fivefold_request_duration_seconds_bucket'] as const
const [REQUESTS, DURATION] = ALERT_METRICS

/** A rule of thumb for the share of failed requests: one of a hundred. */
const ERROR_SHARE = 0.01
const REFUSED_SHARE = 0.05
const SLOW_SECONDS = 0.5

/** Rules for the instances that Prometheus knows under the job `name`. */
export function alertsOf(name: string): readonly Alert[] {
  const job = `job="${name}"`
  const rate = (more: string): string => `sum(rate(${REQUESTS}{${job}${more}}[5m]))`
  return [
    {
      name: 'ModelServerDown',
      expression: `(sum(up{${job}}) or vector(0)) < 1`,
      forMinutes: 2,
      severity: 'page',
      meaning: 'No instance answers Prometheus.',
      actions: [
        'Look at the state of the instances and at their last log lines.',
        'BUNDLE_INVALID there: files of the bundle are missing or were changed; deploy again from the registry.',
        'Killed for memory (exit code 137): raise the memory, or send fewer rows a request.',
        'Nothing helps within minutes: roll back.',
      ],
    },
    {
      name: 'ModelServerErrors',
      expression: `${rate(',status=~"5.."')} / ${rate('')} > ${ERROR_SHARE}`,
      forMinutes: 5,
      severity: 'page',
      meaning: `More than ${ERROR_SHARE * 100}% of the requests fail on our side.`,
      actions: [
        '503 with SERVER_OVERLOADED: more work than the instances take; add instances, they share nothing.',
        '503 without it: instances are stopping; is a roll-out stuck, or are instances restarted?',
        '500: a defect; the log has code and request id (header x-request-id of the answer). Roll back where it began with a roll-out.',
      ],
    },
    {
      name: 'ModelServerSlow',
      expression: `histogram_quantile(0.99, sum by (le) (rate(${DURATION}{${job},route="/predict"}[5m]))) > ${SLOW_SECONDS}`,
      forMinutes: 10,
      severity: 'ticket',
      meaning: `The slowest hundredth of the predictions takes longer than ${SLOW_SECONDS} s.`,
      actions: [
        'Did requests get larger? Rows a request decide how long one takes.',
        'Is the processor at its limit? One instance uses one core: add instances rather than cores.',
        'fivefold_stage_duration_seconds says whether decoding, the model or the prediction log takes the time.',
      ],
    },
    {
      name: 'ModelInputsRefused',
      expression: `${rate(',status=~"400|413|422"')} / ${rate('')} > ${REFUSED_SHARE}`,
      forMinutes: 15,
      severity: 'ticket',
      meaning: `More than ${REFUSED_SHARE * 100}% of the requests do not fit the model: a caller has changed what it sends.`,
      actions: [
        'The answers name row and column of each issue (MODEL_INPUT); GET /openapi.json describes what is taken.',
        'The caller has to send the columns of the table above, or a model has to be trained on the new ones.',
      ],
    },
  ]
}
