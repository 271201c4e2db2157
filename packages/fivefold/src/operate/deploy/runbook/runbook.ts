import { type TextFile, textFile } from '../deploy-file.ts'
import { type DeployPlan, shortDigest } from '../deploy-plan.ts'
import { textBlock } from '../text-block.ts'
import { type Alert, alertsOf } from './alerts.ts'
import { columnTable } from './column-table.ts'
import { markdownCell } from './markdown-cell.ts'

/** What differs between platforms; Markdown without headings. */
export interface RunbookParts {
  readonly summary: string
  /** Where the service answers once it is deployed, for somebody who follows the page. */
  readonly baseUrl: string
  readonly deploy: string
  /** Before the requests that are the same everywhere. */
  readonly verify: string
  /** In place of the requests that are the same everywhere, where requests are signed or wrapped. */
  readonly request?: string
  readonly rollBack: string
  /** Commands. */
  readonly logs: string
  readonly restart?: string
  /** Commands that bring the bundle to `model`, where it does not lie there. */
  readonly unpackModel?: readonly string[]
  /** In place of those for Prometheus. */
  readonly alerts?: readonly Alert[]
  /** How Prometheus gets at the metrics; the scrape configuration where nothing is said. */
  readonly monitoring?: string
}

/** A fenced block of shell commands. */
export const command = (...lines: readonly string[]): string => ['```sh', ...lines, '```'].join('\n')

/** `RUNBOOK.md`: deploy, verify, roll back, alerts and what to do, for the person on call. */
export function runbook(plan: DeployPlan, parts: RunbookParts): TextFile {
  const { name, model } = plan
  return textFile(
    'RUNBOOK.md',
    textBlock`
      # ${name}

      ${parts.summary}

      | model | version | SHA-256 of model.onnx | task | predicts |
      |---|---|---|---|---|
      | ${markdownCell(model.name)} | ${model.version} | \`${shortDigest(model)}\` | ${model.task} | ${markdownCell(model.target)} |

      ## Deploy

      ${parts.deploy}

      ## Verify

      ${parts.verify}

      ${parts.request ?? requestSection(plan, parts.baseUrl)}

      ## Roll back

      ${parts.rollBack}

      ## What the model takes

      ${columnTable(model.columns)}

      \`example-request.json\` is a row of such values. Columns that the model does not take are left out with a warning in the answer.

      ## Monitoring

      ${parts.monitoring ?? scrapeSection(plan, parts.baseUrl)}

      Whether the data has drifted from that of the training is another question than whether the server is well. The bundle
      holds a reference sample; with a prediction log (\`--log\`) or with any table of recent rows:

      ${command(...(parts.unpackModel ?? []), 'npx fivefold monitor --reference model --current recent.csv')}

      ## Alerts

      ${(parts.alerts ?? alertsOf(name)).map(alertSection).join('\n')}

      ## At hand

      ${command(`${parts.logs}   # logs`, ...(parts.restart ? [`${parts.restart}   # restart`] : []))}
    `,
  )
}

function requestSection(plan: DeployPlan, baseUrl: string): string {
  return textBlock`
    ${command(
      `curl --fail ${baseUrl}/readyz`,
      `curl --fail ${baseUrl}/v2/models/${encodeURIComponent(plan.model.name)}   # name, version, inputs and outputs`,
      `curl --fail ${baseUrl}/predict --header 'content-type: application/json' --data @example-request.json`,
    )}

    The last one answers with one prediction, and with the version: \`"version": "..."\`.
  `
}

function scrapeSection({ name }: DeployPlan, baseUrl: string): string {
  const { host } = new URL(baseUrl)
  return textBlock`
    Metrics are at \`${baseUrl}/metrics\`. For Prometheus:

    \`\`\`yaml
    scrape_configs:
      - job_name: ${name}
        static_configs:
          - targets: ['${host}']
    \`\`\`
  `
}

const alertSection = (alert: Alert): string => textBlock`
  ### ${alert.name} (${alert.severity})

  ${alert.meaning} For ${alert.forMinutes} minutes:

  \`\`\`
  ${alert.expression}
  \`\`\`

  ${alert.actions.map((action) => `- ${action}`).join('\n')}
`
