import { FivefoldError } from '../../../core/index.ts'
import { copiedFile, type DeployFile, jsonFile } from '../deploy-file.ts'
import { containerArchitecture, type DeployPlan, shortDigest } from '../deploy-plan.ts'
import type { DeployTarget } from '../deploy-target.ts'
import type { Alert } from '../runbook/alerts.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'
import { imageFiles } from './image.ts'
import { inFolder } from './in-folder.ts'

/** Where SageMaker asks, and where it unpacks the model. */
const PORT = 8080
const MODEL_FOLDER = '/opt/ml/model'

/** A real-time endpoint of Amazon SageMaker: an image that answers `/ping` and `/invocations`, and input for the AWS CLI. */
export const sagemakerTarget: DeployTarget = (plan) => {
  if (plan.port !== PORT) throw new FivefoldError('OPTION_INVALID', `SageMaker asks on port ${PORT}, not ${plan.port}`)
  return [
    ...inFolder('image', imageFiles(plan, { holdsModel: false, modelPath: MODEL_FOLDER, serveScript: true })),
    copiedFile('model', plan.model.path),
    jsonFile('invocation.json', { instances: [plan.model.exampleRow] }),
    ...inFolder('aws', requests(plan)),
    runbook(plan, runbookParts(plan)),
  ]
}

/** Model and configuration carry the digest: neither can be changed, and an endpoint goes back by naming the earlier one. */
const versionName = (plan: DeployPlan): string => `${plan.name}-${shortDigest(plan.model)}`
const modelData = (plan: DeployPlan): string => `${plan.storageUri.replace(/\/$/, '')}/model.tar.gz`

const VARIANT = 'model'

/** Bodies for `--cli-input-json`. */
function requests(plan: DeployPlan): DeployFile[] {
  const { name, image, replicas, architecture } = plan
  const version = versionName(plan)
  const dimensions = [
    { Name: 'EndpointName', Value: name },
    { Name: 'VariantName', Value: VARIANT },
  ]
  return [
    jsonFile('create-model.json', {
      ModelName: version,
      PrimaryContainer: { Image: image, ModelDataUrl: modelData(plan) },
      EnableNetworkIsolation: true,
    }),
    jsonFile('create-endpoint-config.json', {
      EndpointConfigName: version,
      ProductionVariants: [
        {
          VariantName: VARIANT,
          ModelName: version,
          InstanceType: architecture === 'x64' ? 'ml.c6i.large' : 'ml.c6g.large',
          InitialInstanceCount: replicas,
          InitialVariantWeight: 1,
        },
      ],
    }),
    jsonFile('create-endpoint.json', { EndpointName: name, EndpointConfigName: version }),
    jsonFile('update-endpoint.json', {
      EndpointName: name,
      EndpointConfigName: version,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: trafficRouting(replicas),
          TerminationWaitInSeconds: 120,
          MaximumExecutionTimeoutInSeconds: 3600,
        },
        AutoRollbackConfiguration: { Alarms: [{ AlarmName: `${name}-errors` }] },
      },
    }),
    jsonFile('put-metric-alarm.json', {
      AlarmName: `${name}-errors`,
      AlarmDescription: 'Invocations failed on our side. RUNBOOK.md says what to do.',
      Namespace: 'AWS/SageMaker',
      MetricName: 'Invocation5XXErrors',
      Dimensions: dimensions,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
    jsonFile('register-scalable-target.json', {
      ...scalable(name),
      MinCapacity: replicas,
      MaxCapacity: replicas * 5,
    }),
    jsonFile('put-scaling-policy.json', {
      ...scalable(name),
      PolicyName: `${name}-cpu`,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        // Serving is computing: the processor is what runs out. Two cores count 200, and the model uses one.
        CustomizedMetricSpecification: {
          Namespace: '/aws/sagemaker/Endpoints',
          MetricName: 'CPUUtilization',
          Dimensions: dimensions,
          Statistic: 'Average',
          Unit: 'Percent',
        },
        TargetValue: 70,
        ScaleOutCooldown: 60,
        ScaleInCooldown: 300,
      },
    }),
  ]
}

const scalable = (name: string): object => ({
  ServiceNamespace: 'sagemaker',
  ResourceId: `endpoint/${name}/variant/${VARIANT}`,
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
})

/** A canary is at most half of the fleet, so that one instance alone has none. */
const trafficRouting = (replicas: number): object =>
  replicas === 1
    ? { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 300 }
    : { Type: 'CANARY', CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 }, WaitIntervalInSeconds: 300 }

function runbookParts(plan: DeployPlan): Parameters<typeof runbook>[1] {
  const { name, image } = plan
  const aws = (service: string, action: string, more = ''): string =>
    `aws ${service} ${action} --cli-input-json file://aws/${action}.json${more}`
  return {
    summary: `A real-time endpoint of Amazon SageMaker, \`${name}\`, whose model lies at \`${modelData(plan)}\`.`,
    baseUrl: 'http://127.0.0.1:8080',
    deploy: textBlock`
      The image holds the server alone and goes to ECR: its name must be that of the repository (\`fivefold deploy --image
      ACCOUNT.dkr.ecr.REGION.amazonaws.com/${name}:1\`). The model goes to S3 (\`--storage-uri\`) as an archive:

      ${command(
        '(cd image/app && npm install --package-lock-only --omit=dev --ignore-scripts)',
        `docker build --platform linux/${containerArchitecture(plan)} --tag ${image} image`,
        `docker push ${image}`,
        `tar --create --gzip --file model.tar.gz --directory model .`,
        `aws s3 cp model.tar.gz ${modelData(plan)}`,
      )}

      The role may read that path and the image (\`ROLE=arn:aws:iam::ACCOUNT:role/NAME\`). The first time:

      ${command(
        aws('sagemaker', 'create-model', ' --execution-role-arn "$ROLE"'),
        aws('sagemaker', 'create-endpoint-config'),
        aws('sagemaker', 'create-endpoint'),
        `aws sagemaker wait endpoint-in-service --endpoint-name ${name}`,
        aws('cloudwatch', 'put-metric-alarm'),
        aws('application-autoscaling', 'register-scalable-target'),
        aws('application-autoscaling', 'put-scaling-policy'),
      )}

      Later versions: the first two commands, then the update, which sends a share of the traffic to the new instances for five minutes,
      then all, and goes back by itself where the alarm goes off:

      ${command(aws('sagemaker', 'update-endpoint'), `aws sagemaker wait endpoint-in-service --endpoint-name ${name}`)}
    `,
    verify: command(
      `aws sagemaker describe-endpoint --endpoint-name ${name} --query '[EndpointStatus,EndpointConfigName]'`,
    ),
    request: textBlock`
      ${command(
        `aws sagemaker-runtime invoke-endpoint --endpoint-name ${name} --content-type application/json --cli-binary-format raw-in-base64-out \\`,
        '  --body file://invocation.json answer.json',
        'cat answer.json   # {"predictions":[...]}, one a row',
      )}

      Rows as CSV (\`text/csv\`, without a header, in the order of the table below) and as JSON lines are taken as well.
    `,
    rollBack: textBlock`
      Every version has a configuration of its own, named by the digest of its model:

      ${command(
        `aws sagemaker list-endpoint-configs --name-contains ${name} --query 'EndpointConfigs[].[CreationTime,EndpointConfigName]' --output text`,
        `aws sagemaker update-endpoint --endpoint-name ${name} --endpoint-config-name CONFIGURATION_BEFORE`,
        `aws sagemaker wait endpoint-in-service --endpoint-name ${name}`,
      )}
    `,
    logs: `aws logs tail /aws/sagemaker/Endpoints/${name} --follow`,
    alerts: ALERTS,
    monitoring:
      'CloudWatch has invocations, errors and latency by endpoint and variant (`AWS/SageMaker`), processor and memory by instance (`/aws/sagemaker/Endpoints`).',
  }
}

const ALERTS: readonly Alert[] = [
  {
    name: 'Errors',
    expression: 'AWS/SageMaker Invocation5XXErrors, sum of a minute > 0',
    forMinutes: 1,
    severity: 'page',
    meaning: 'Invocations failed on our side.',
    actions: [
      'In the log: BUNDLE_INVALID means that the archive holds no whole bundle; its files have to lie at the top of it.',
      'SERVER_OVERLOADED: more work than the instances take; raise MinCapacity of the scalable target.',
      'It began with an update: roll back.',
    ],
  },
  {
    name: 'Slow',
    expression: 'AWS/SageMaker ModelLatency, p99 of a minute > 500000 (microseconds; no alarm is made for it)',
    forMinutes: 10,
    severity: 'ticket',
    meaning: 'The slowest hundredth of the invocations takes longer than 0.5 s.',
    actions: ['Fewer rows a request, or more instances: the model uses one core of each.'],
  },
  {
    name: 'InputsRefused',
    expression: 'AWS/SageMaker Invocation4XXErrors / Invocations > 0.05 (no alarm is made for it)',
    forMinutes: 15,
    severity: 'ticket',
    meaning: 'More than 5% of the requests do not fit the model: a caller has changed what it sends.',
    actions: ['The answers name row and column; the table above says what the model takes.'],
  },
]
