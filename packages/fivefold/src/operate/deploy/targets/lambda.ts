import { FivefoldError } from '../../../core/index.ts'
import { copiedFile, textFile, type ZipFile } from '../deploy-file.ts'
import { type DeployPlan, heapMib } from '../deploy-plan.ts'
import type { DeployTarget } from '../deploy-target.ts'
import type { Alert } from '../runbook/alerts.ts'
import { exampleBody } from '../runbook/example-request.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'

/** What Lambda takes: 250 MB unpacked, layers included. */
const MAX_UNPACKED_BYTES = 250 * 1024 * 1024
/** Memory that a function can have. */
const MAX_MEMORY_MIB = 10_240

/** A function with the model in its archive, and a SAM template that rolls it out as a canary. */
export const lambdaTarget: DeployTarget = (plan) => {
  requireMemory(plan)
  return [
    textFile('template.yaml', template(plan)),
    functionArchive(plan),
    textFile('events/predict.json', event(plan)),
    runbook(plan, runbookParts(plan)),
  ]
}

function requireMemory({ memoryMib }: DeployPlan): void {
  if (memoryMib > MAX_MEMORY_MIB)
    throw new FivefoldError('OPTION_INVALID', `a function has at most ${MAX_MEMORY_MIB} MiB, not ${memoryMib}`)
}

function functionArchive({ model, packages }: DeployPlan): ZipFile {
  return {
    kind: 'zip',
    path: 'function.zip',
    maxUnpackedBytes: MAX_UNPACKED_BYTES,
    entries: [textFile('handler.mjs', HANDLER), copiedFile('model', model.path), ...packages],
  }
}

const HANDLER = textBlock`
  import { fileURLToPath } from 'node:url'
  import { createLambdaHandler } from 'fivefold/lambda'

  // Loaded once for each instance of the function, before its first event.
  export const handler = await createLambdaHandler({
    bundle: fileURLToPath(new URL('model', import.meta.url)),
    version: process.env.MODEL_VERSION,
  })
`

function template(plan: DeployPlan): string {
  const { name, model, architecture, memoryMib } = plan
  return textBlock`
    # sam deploy --guided   (AWS SAM; uploads function.zip through a bucket, since it may be larger than 50 MB)
    AWSTemplateFormatVersion: "2010-09-09"
    Transform: AWS::Serverless-2016-10-31
    Description: ${name}, the model ${model.title} version ${model.version}
    Resources:
      ModelFunction:
        Type: AWS::Serverless::Function
        Properties:
          FunctionName: ${name}
          Description: "sha256 of the model: ${model.digest}"
          CodeUri: function.zip
          Handler: handler.handler
          Runtime: nodejs24.x
          # The archive holds native code for this processor alone.
          Architectures: [${architecture === 'x64' ? 'x86_64' : 'arm64'}]
          # Processor comes with memory: 1769 MB are one core.
          MemorySize: ${memoryMib}
          Timeout: 30
          Environment:
            Variables:
              MODEL_VERSION: "${model.version}"
              NODE_ENV: production
              NODE_OPTIONS: --max-old-space-size=${heapMib(plan)}
          LoggingConfig:
            LogFormat: JSON
            LogGroup: !Ref ModelLogs
          # Every deployment is a version; 'live' moves to it by and by, and back where an alarm goes off.
          AutoPublishAlias: live
          AutoPublishAliasAllProperties: true
          DeploymentPreference:
            Type: Canary10Percent5Minutes
            Alarms:
              - !Ref ModelErrors
              - !Ref ModelSlow
          # Callers sign their requests (SigV4). NONE would open the model to everybody.
          FunctionUrlConfig:
            AuthType: AWS_IAM
          # No cold starts for so many requests at once; costs by the hour.
          # ProvisionedConcurrencyConfig:
          #   ProvisionedConcurrentExecutions: ${plan.replicas}

      ModelLogs:
        Type: AWS::Logs::LogGroup
        DeletionPolicy: Delete
        UpdateReplacePolicy: Delete
        Properties:
          LogGroupName: /aws/lambda/${name}
          RetentionInDays: 30

      ModelErrors:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: Events of the function failed. RUNBOOK.md says what to do.
          Namespace: AWS/Lambda
          MetricName: Errors
          Dimensions:
            - Name: FunctionName
              Value: ${name}
          Statistic: Sum
          Period: 60
          EvaluationPeriods: 1
          Threshold: 0
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching

      ModelSlow:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: The slowest hundredth of the events takes longer than 2 s. RUNBOOK.md says what to do.
          Namespace: AWS/Lambda
          MetricName: Duration
          Dimensions:
            - Name: FunctionName
              Value: ${name}
          ExtendedStatistic: p99
          Period: 60
          EvaluationPeriods: 3
          Threshold: 2000
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching

    Outputs:
      Url:
        Description: Takes POST /predict
        Value: !GetAtt ModelFunctionUrl.FunctionUrl
  `
}

/** The alarms of the template, and what they leave out. */
const ALERTS: readonly Alert[] = [
  {
    name: 'ModelErrors',
    expression: 'AWS/Lambda Errors, sum of a minute > 0',
    forMinutes: 1,
    severity: 'page',
    meaning: 'Events failed: the function did not answer at all.',
    actions: [
      'Timeouts (`Task timed out` in the log): fewer rows a request, or more memory, with which processor comes.',
      '`Runtime exited` or BUNDLE_INVALID while it starts: the archive does not fit; roll back.',
      'Refused requests are no errors here: they answer with 4xx.',
    ],
  },
  {
    name: 'ModelSlow',
    expression: 'AWS/Lambda Duration, p99 of a minute > 2000 ms',
    forMinutes: 3,
    severity: 'ticket',
    meaning: 'The slowest hundredth of the events takes longer than 2 s.',
    actions: [
      'Cold starts count as well: `Init Duration` in the log. Provisioned concurrency ends them, for money.',
      'More memory brings more processor, up to a core at 1769 MB; the model uses one.',
    ],
  },
  {
    name: 'Throttles',
    expression: 'AWS/Lambda Throttles, sum of a minute > 0 (no alarm in the template)',
    forMinutes: 5,
    severity: 'ticket',
    meaning: 'Events were refused since too many ran at once.',
    actions: ['Raise the concurrency of the account or the reserved concurrency of the function.'],
  },
]

/** As a function URL or API Gateway's HTTP API sends it. */
function event(plan: DeployPlan): string {
  const http = { method: 'POST', path: '/predict', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'example' }
  const value = {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/predict',
    rawQueryString: '',
    headers: { 'content-type': 'application/json' },
    requestContext: { http, requestId: 'example', routeKey: '$default', stage: '$default' },
    body: JSON.stringify(JSON.parse(exampleBody(plan))),
    isBase64Encoded: false,
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

function runbookParts(plan: DeployPlan): Parameters<typeof runbook>[1] {
  const { name, architecture, packages } = plan
  const megabytes = packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6
  return {
    summary: `A function of AWS Lambda with the model in its archive, for ${architecture === 'x64' ? 'x86_64' : 'arm64'}.`,
    baseUrl: 'http://127.0.0.1:8080',
    deploy: textBlock`
      \`function.zip\` is complete: the handler, the model, and the packages that serve (${megabytes.toFixed(0)} MB unpacked; of ONNX Runtime
      the files for Linux on ${architecture} alone). Lambda takes 250 MB unpacked; what is larger belongs in a container (\`--target docker\`).

      ${command(
        `sam deploy --template-file template.yaml --stack-name ${name} --resolve-s3 --capabilities CAPABILITY_IAM`,
        `url=$(aws cloudformation describe-stacks --stack-name ${name} --query "Stacks[0].Outputs[?OutputKey=='Url'].OutputValue" --output text)`,
      )}

      The new version gets a tenth of the requests for five minutes, then all; an alarm in that time sends everything back.
      No prediction log is kept: a function has no disk that stays.
    `,
    verify: command(
      `aws lambda invoke --function-name ${name}:live --cli-binary-format raw-in-base64-out --payload file://events/predict.json answer.json`,
      'cat answer.json   # "statusCode":200 and one prediction',
    ),
    request: textBlock`
      Over HTTP with a signed request:

      ${command(
        `curl --fail "\${url}predict" --aws-sigv4 "aws:amz:$AWS_REGION:lambda" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\`,
        `  --header "x-amz-security-token: $AWS_SESSION_TOKEN" --header 'content-type: application/json' --data @example-request.json`,
      )}
    `,
    rollBack: textBlock`
      ${command(
        `aws lambda list-versions-by-function --function-name ${name} --query 'Versions[].[Version,Description]' --output text`,
        `aws lambda update-alias --function-name ${name} --name live --function-version VERSION_BEFORE`,
      )}

      At once, without a canary. Deploy the folder of the earlier version afterwards, or the next deployment rolls forward again.
    `,
    logs: `aws logs tail /aws/lambda/${name} --follow`,
    unpackModel: ["unzip -o function.zip 'model/*'"],
    alerts: ALERTS,
    monitoring: textBlock`
      CloudWatch has invocations, errors, duration, throttles and concurrency of the function; \`template.yaml\` makes alarms of errors and
      duration. \`/metrics\` counts for one instance of the function alone, so Prometheus is of no use here.
    `,
  }
}
