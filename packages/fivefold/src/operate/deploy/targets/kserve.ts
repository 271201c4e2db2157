import { copiedFile, textFile } from '../deploy-file.ts'
import { containerArchitecture, type DeployPlan } from '../deploy-plan.ts'
import type { DeployTarget } from '../deploy-target.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'
import { imageFiles } from './image.ts'
import { inFolder } from './in-folder.ts'

/** Where KServe's storage initializer puts what `storageUri` names. */
const MODEL_FOLDER = '/mnt/models'

/** A runtime without a model, and an InferenceService that names one in object storage. */
export const kserveTarget: DeployTarget = (plan) => [
  ...inFolder('image', imageFiles(plan, { holdsModel: false, modelPath: MODEL_FOLDER })),
  copiedFile('model', plan.model.path),
  textFile('manifests/serving-runtime.yaml', servingRuntime(plan)),
  textFile('manifests/inference-service.yaml', inferenceService(plan)),
  textFile('manifests/kustomization.yaml', KUSTOMIZATION),
  runbook(plan, {
    summary: `An InferenceService of KServe that fetches the bundle from \`${plan.storageUri}\`.`,
    baseUrl: 'http://127.0.0.1:8080',
    deploy: textBlock`
      The image holds the server alone and is built once; models come and go without it:

      ${command(
        '(cd image/app && npm install --package-lock-only --omit=dev --ignore-scripts)',
        `docker build --platform linux/${containerArchitecture(plan)} --tag ${plan.image} image`,
        `docker push ${plan.image}`,
      )}

      Bring the bundle to where KServe fetches it (${plan.storageUri}), each version under a path of its own, then apply:

      ${command(
        uploadCommand(plan.storageUri),
        'kubectl apply --kustomize manifests',
        `kubectl wait --for=condition=Ready inferenceservice/${plan.name} --timeout 10m`,
      )}

      Private storage needs a service account with its credentials: \`serviceAccountName\` in \`manifests/inference-service.yaml\`.
    `,
    verify: command(
      `kubectl get inferenceservice ${plan.name}`,
      `kubectl port-forward service/${plan.name}-predictor 8080:80   # in a second terminal, for the requests below`,
    ),
    rollBack: textBlock`
      Set \`storageUri\` in \`manifests/inference-service.yaml\` to the version before and apply again; the pods of the present version
      serve until those of the earlier one are ready. During a canary, \`canaryTrafficPercent: 0\` sends everything back at once.
      A canary needs KServe's serverless mode (Knative): with raw deployments KServe ignores the field.
    `,
    logs: `kubectl logs --selector serving.kserve.io/inferenceservice=${plan.name} --container kserve-container --tail 100 --prefix`,
    restart: `kubectl delete pods --selector serving.kserve.io/inferenceservice=${plan.name}   # they are made again`,
    monitoring: textBlock`
      The runtime carries the annotations by which Prometheus finds pods to scrape; metrics are at \`/metrics\` on port 8080. The
      rules below select by \`job="${plan.name}"\`: set that label in the scrape configuration, or take the one that your Prometheus gives.
    `,
  }),
]

function uploadCommand(storageUri: string): string {
  if (storageUri.startsWith('gs://')) return `gcloud storage rsync --recursive model ${storageUri}`
  if (storageUri.startsWith('s3://')) return `aws s3 sync model ${storageUri}`
  return `# copy the folder model to ${storageUri}`
}

const KUSTOMIZATION = textBlock`
  # kubectl apply --kustomize manifests
  apiVersion: kustomize.config.k8s.io/v1beta1
  kind: Kustomization
  resources:
    - serving-runtime.yaml
    - inference-service.yaml
`

function servingRuntime(plan: DeployPlan): string {
  return textBlock`
    # How this namespace serves bundles of Fivefold; one for all of its models.
    apiVersion: serving.kserve.io/v1alpha1
    kind: ServingRuntime
    metadata:
      name: fivefold
    spec:
      annotations:
        prometheus.kserve.io/port: "${plan.port}"
        prometheus.kserve.io/path: /metrics
      supportedModelFormats:
        - name: fivefold
          version: "1"
          autoSelect: true
      protocolVersions: ["v2"]
      containers:
        - name: kserve-container
          ${runtimeContainer(plan)}
  `
}

function runtimeContainer(plan: DeployPlan): string {
  return textBlock`
    image: ${plan.image}
    command: ["node", "node_modules/fivefold/dist/cli/main.js"]
    # --open-to-all: the gateway before KServe asks callers who they are.
    args: ["serve", "--model", "${MODEL_FOLDER}", "--host", "0.0.0.0", "--port", "${plan.port}", "--open-to-all"]
    ports:
      - containerPort: ${plan.port}
        protocol: TCP
    readinessProbe:
      httpGet:
        path: /readyz
        port: ${plan.port}
      periodSeconds: 5
      timeoutSeconds: 3
    # Patient: a large batch keeps the process busy.
    livenessProbe:
      httpGet:
        path: /healthz
        port: ${plan.port}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    resources:
      requests:
        cpu: ${plan.cpuMillis}m
        memory: ${plan.memoryMib}Mi
      limits:
        memory: ${plan.memoryMib}Mi
    securityContext:
      runAsNonRoot: true
      runAsUser: 1000
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      seccompProfile:
        type: RuntimeDefault
      capabilities:
        drop: ["ALL"]
  `
}

function inferenceService(plan: DeployPlan): string {
  const { name, model, replicas } = plan
  return textBlock`
    # ${model.title}, version ${model.version}. Requests name the model as the bundle does: /v2/models/.../infer
    apiVersion: serving.kserve.io/v1beta1
    kind: InferenceService
    metadata:
      name: ${name}
      annotations:
        fivefold/model-sha256: ${model.digest}
    spec:
      predictor:
        minReplicas: ${replicas}
        maxReplicas: ${replicas * 5}
        # Another version on a share of the traffic: change storageUri, set the share, apply; then 100, or 0 to go back.
        # canaryTrafficPercent: 10
        # serviceAccountName: ${name}   # with the credentials of the storage
        model:
          modelFormat:
            name: fivefold
            version: "1"
          runtime: fivefold
          protocolVersion: v2
          storageUri: ${plan.storageUri}
  `
}
