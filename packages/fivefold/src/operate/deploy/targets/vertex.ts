import { jsonFile } from '../deploy-file.ts'
import { type DeployPlan, shortDigest } from '../deploy-plan.ts'
import type { DeployTarget } from '../deploy-target.ts'
import type { Alert } from '../runbook/alerts.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'
import { imageFiles } from './image.ts'
import { inFolder } from './in-folder.ts'

/** Vertex AI asks where it is told to; these take and give what it sends: `{instances}` and `{predictions}`. */
const PREDICT_ROUTE = '/invocations'
const HEALTH_ROUTE = '/readyz'

/** A model and an endpoint of Vertex AI over an image with the model in it. */
export const vertexTarget: DeployTarget = (plan) => [
  ...inFolder('image', imageFiles(plan, { holdsModel: true, modelPath: 'model' })),
  jsonFile('upload-model.json', uploadRequest(plan)),
  jsonFile('predict.json', { instances: [plan.model.exampleRow] }),
  runbook(plan, runbookParts(plan)),
]

/** The body of `projects.locations.models.upload`. */
function uploadRequest({ name, image, port, model }: DeployPlan): object {
  return {
    model: {
      displayName: name,
      versionDescription: `${model.title}, version ${model.version}, sha256 ${model.digest}`,
      versionAliases: [`m-${shortDigest(model)}`],
      containerSpec: {
        imageUri: image,
        ports: [{ containerPort: port }],
        predictRoute: PREDICT_ROUTE,
        healthRoute: HEALTH_ROUTE,
      },
      labels: { model_sha256: shortDigest(model) },
    },
  }
}

function runbookParts(plan: DeployPlan): Parameters<typeof runbook>[1] {
  const { name, image, replicas } = plan
  const endpointOf = `$(gcloud ai endpoints list --region "$REGION" --filter displayName=${name} --format 'value(name)')`
  const modelOf = `$(gcloud ai models list --region "$REGION" --filter displayName=${name} --format 'value(name)')`
  const deploy = (model: string, split: string): string[] => [
    'gcloud ai endpoints deploy-model "$ENDPOINT" --region "$REGION" \\',
    `  --model "${model}" --display-name ${name}-${shortDigest(plan.model)} \\`,
    `  --machine-type n2-standard-2 --min-replica-count ${replicas} --max-replica-count ${replicas * 5} \\`,
    `  --autoscaling-metric-specs cpu-usage=70 --traffic-split ${split}`,
  ]
  return {
    summary: `A model and an endpoint of Vertex AI, both called \`${name}\`.`,
    baseUrl: `http://127.0.0.1:${plan.port}`,
    deploy: textBlock`
      The image goes to the Artifact Registry; its name has the registry in it (\`fivefold deploy --image
      REGION-docker.pkg.dev/PROJECT/REPOSITORY/${image}\`):

      ${command(
        '(cd image/app && npm install --package-lock-only --omit=dev --ignore-scripts)',
        `docker build --platform linux/amd64 --tag ${image} image`,
        `docker push ${image}`,
      )}

      With \`REGION\` and \`PROJECT\` set: upload the model, make the endpoint once, deploy with all of the traffic.

      ${command(
        `curl --fail --header "authorization: Bearer $(gcloud auth print-access-token)" --header 'content-type: application/json' \\`,
        '  --data @upload-model.json "https://$REGION-aiplatform.googleapis.com/v1/projects/$PROJECT/locations/$REGION/models:upload"',
        `gcloud ai endpoints create --region "$REGION" --display-name ${name}`,
        `ENDPOINT=${endpointOf}`,
        `MODEL=${modelOf}`,
        ...deploy('$MODEL', '0=100'),
      )}

      Later versions: add \`"parentModel": "$MODEL"\` beside \`"model"\` in \`upload-model.json\`, upload, and deploy as a canary. The number
      of what is deployed now comes from \`gcloud ai endpoints describe "$ENDPOINT" --region "$REGION"\`:

      ${command(...deploy(`$MODEL@m-${shortDigest(plan.model)}`, '0=10,DEPLOYED_BEFORE=90'))}
    `,
    verify: command(
      `ENDPOINT=${endpointOf}`,
      'gcloud ai endpoints describe "$ENDPOINT" --region "$REGION" --format "yaml(deployedModels[].id,deployedModels[].displayName,trafficSplit)"',
    ),
    request: textBlock`
      ${command('gcloud ai endpoints predict "$ENDPOINT" --region "$REGION" --json-request predict.json')}

      It answers with \`predictions\`: one a row.
    `,
    rollBack: textBlock`
      What was deployed before is still there, and takes the traffic at once:

      ${command(
        'gcloud ai endpoints update "$ENDPOINT" --region "$REGION" --traffic-split DEPLOYED_BEFORE=100',
        'gcloud ai endpoints undeploy-model "$ENDPOINT" --region "$REGION" --deployed-model-id DEPLOYED_NOW   # when nobody needs it any more',
      )}
    `,
    logs: 'gcloud logging read \'resource.type="aiplatform.googleapis.com/Endpoint"\' --limit 100',
    unpackModel: ['cd image'],
    alerts: ALERTS,
    monitoring:
      'Cloud Monitoring has requests, errors, latency and processor of the endpoint (`aiplatform.googleapis.com/prediction/online/...`).',
  }
}

const ALERTS: readonly Alert[] = [
  {
    name: 'Errors',
    expression: 'aiplatform.googleapis.com/prediction/online/error_count, by the minute > 0',
    forMinutes: 5,
    severity: 'page',
    meaning: 'Requests failed.',
    actions: [
      'The log says whether requests were refused (row and column are named) or the container ended.',
      'A model that is not deployed within its time: BUNDLE_INVALID in the log means that the image holds no whole bundle.',
      'It began with a new deployment: move the traffic back.',
    ],
  },
  {
    name: 'Slow',
    expression: 'aiplatform.googleapis.com/prediction/online/prediction_latencies, p99 > 500 ms',
    forMinutes: 10,
    severity: 'ticket',
    meaning: 'The slowest hundredth of the requests takes longer than 0.5 s.',
    actions: ['Fewer rows a request, or more replicas: the model uses one core of each.'],
  },
]
