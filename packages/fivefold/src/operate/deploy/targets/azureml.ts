import { jsonFile, textFile } from '../deploy-file.ts'
import { type DeployPlan, shortDigest } from '../deploy-plan.ts'
import type { DeployTarget } from '../deploy-target.ts'
import type { Alert } from '../runbook/alerts.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'
import { imageFiles } from './image.ts'
import { inFolder } from './in-folder.ts'

/** A managed online endpoint of Azure Machine Learning over an image with the model in it. */
export const azuremlTarget: DeployTarget = (plan) => [
  ...inFolder('image', imageFiles(plan, { holdsModel: true, modelPath: 'model' })),
  textFile('endpoint.yaml', endpoint(plan)),
  textFile('deployment.yaml', deployment(plan)),
  jsonFile('score.json', { input_data: [plan.model.exampleRow] }),
  runbook(plan, runbookParts(plan)),
]

/** Endpoints have 3 to 32 characters. */
const endpointName = ({ name }: DeployPlan): string => name.slice(0, 32).replace(/-+$/, '').padEnd(3, '0')
/** A deployment for each model, side by side: traffic moves between them. */
const deploymentName = ({ model }: DeployPlan): string => `m-${shortDigest(model)}`

function endpoint(plan: DeployPlan): string {
  return textBlock`
    # az ml online-endpoint create --file endpoint.yaml
    $schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json
    name: ${endpointName(plan)}
    # Callers send a token of Entra ID; 'key' is for callers that have none.
    auth_mode: aad_token
    tags:
      model: "${plan.model.title}"
  `
}

function deployment(plan: DeployPlan): string {
  const { image, port, replicas, model } = plan
  return textBlock`
    # az ml online-deployment create --file deployment.yaml
    $schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
    name: ${deploymentName(plan)}
    endpoint_name: ${endpointName(plan)}
    # The model is in the image: what was tested is what is deployed.
    environment:
      image: ${image}
      inference_config:
        liveness_route:
          path: /healthz
          port: ${port}
        readiness_route:
          path: /readyz
          port: ${port}
        scoring_route:
          path: /score
          port: ${port}
    # Two cores and 4 GiB; instances of managed endpoints are of x64.
    instance_type: Standard_F2s_v2
    instance_count: ${replicas}
    request_settings:
      # One request takes at most 30 s.
      request_timeout_ms: 30000
      max_concurrent_requests_per_instance: 64
    liveness_probe:
      initial_delay: 10
      period: 10
      timeout: 5
      failure_threshold: 6
    readiness_probe:
      initial_delay: 5
      period: 5
      timeout: 3
      failure_threshold: 10
    app_insights_enabled: true
    tags:
      model_version: "${model.version}"
      model_sha256: "${model.digest}"
  `
}

function runbookParts(plan: DeployPlan): Parameters<typeof runbook>[1] {
  const { image } = plan
  const [endpointIs, deploymentIs] = [endpointName(plan), deploymentName(plan)]
  return {
    summary: `A managed online endpoint of Azure Machine Learning, \`${endpointIs}\`.`,
    baseUrl: `http://127.0.0.1:${plan.port}`,
    deploy: textBlock`
      The image goes to the container registry of the workspace; its name has the registry in it (\`fivefold deploy --image
      REGISTRY.azurecr.io/${image}\`):

      ${command(
        '(cd image/app && npm install --package-lock-only --omit=dev --ignore-scripts)',
        `docker build --platform linux/amd64 --tag ${image} image`,
        `docker push ${image}`,
      )}

      With defaults for group and workspace (\`az configure --defaults group=GROUP workspace=WORKSPACE\`); the endpoint once, a deployment
      for each version. The new one gets no traffic before it has answered:

      ${command(
        'az ml online-endpoint create --file endpoint.yaml',
        'az ml online-deployment create --file deployment.yaml',
        `az ml online-endpoint invoke --name ${endpointIs} --deployment-name ${deploymentIs} --request-file score.json`,
        `az ml online-endpoint update --name ${endpointIs} --traffic "DEPLOYMENT_BEFORE=90 ${deploymentIs}=10"   # a canary`,
        `az ml online-endpoint update --name ${endpointIs} --traffic "${deploymentIs}=100"`,
      )}
    `,
    verify: command(
      `az ml online-endpoint show --name ${endpointIs} --query '{state: provisioning_state, traffic: traffic}'`,
      `az ml online-deployment show --name ${deploymentIs} --endpoint-name ${endpointIs} --query provisioning_state`,
    ),
    request: textBlock`
      ${command(`az ml online-endpoint invoke --name ${endpointIs} --request-file score.json`)}

      It answers with a list: one prediction a row.
    `,
    rollBack: textBlock`
      The deployment before is still there, and takes the traffic at once:

      ${command(
        `az ml online-deployment list --endpoint-name ${endpointIs} --query '[].name'`,
        `az ml online-endpoint update --name ${endpointIs} --traffic "DEPLOYMENT_BEFORE=100"`,
        `az ml online-deployment delete --name ${deploymentIs} --endpoint-name ${endpointIs}   # when nobody needs it any more`,
      )}
    `,
    logs: `az ml online-deployment get-logs --name ${deploymentIs} --endpoint-name ${endpointIs} --lines 200`,
    unpackModel: ['cd image'],
    alerts: ALERTS,
    monitoring:
      'Azure Monitor has requests, latency and processor of the endpoint; make alerts for those below with `az monitor metrics alert create`.',
  }
}

const ALERTS: readonly Alert[] = [
  {
    name: 'Errors',
    expression: 'RequestsPerMinute with statusCodeClass 5xx > 0',
    forMinutes: 5,
    severity: 'page',
    meaning: 'Requests failed on our side.',
    actions: [
      'A deployment that does not become healthy: its log; BUNDLE_INVALID means that the image holds no whole bundle.',
      'Requests beyond 64 at once for each instance answer with 429: raise instance_count.',
      'It began with a new deployment: move the traffic back.',
    ],
  },
  {
    name: 'Slow',
    expression: 'RequestLatency_P99 > 500 ms',
    forMinutes: 10,
    severity: 'ticket',
    meaning: 'The slowest hundredth of the requests takes longer than 0.5 s.',
    actions: ['Fewer rows a request, or more instances: the model uses one core of each.'],
  },
]
