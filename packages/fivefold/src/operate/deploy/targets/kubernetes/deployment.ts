import { containerArchitecture, type DeployPlan } from '../../deploy-plan.ts'
import { textBlock } from '../../text-block.ts'
import { LOG_FOLDER } from '../image.ts'
import { labels, selector } from './labels.ts'

export function deployment(plan: DeployPlan): string {
  const { name, model } = plan
  return textBlock`
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: ${name}
      labels:
        ${labels(plan)}
    spec:
      # No 'replicas': the HorizontalPodAutoscaler decides, and applying this file must not take its pods away.
      revisionHistoryLimit: 10
      # Another pod has to be ready before one is asked to stop.
      strategy:
        type: RollingUpdate
        rollingUpdate:
          maxSurge: 1
          maxUnavailable: 0
      minReadySeconds: 5
      progressDeadlineSeconds: 300
      selector:
        matchLabels:
          ${selector(plan)}
      template:
        metadata:
          labels:
            ${labels(plan)}
          annotations:
            fivefold/model: "${model.title}"
            fivefold/model-sha256: ${model.digest}
            kubectl.kubernetes.io/default-container: model
        spec:
          ${podSpec(plan)}
  `
}

function podSpec(plan: DeployPlan): string {
  return textBlock`
    # The server calls nobody, the cluster's API least of all.
    automountServiceAccountToken: false
    enableServiceLinks: false
    # 5 s of preStop, 30 s for the longest request, and some to spare.
    terminationGracePeriodSeconds: 45
    securityContext:
      runAsNonRoot: true
      runAsUser: 1000
      runAsGroup: 1000
      fsGroup: 1000
      seccompProfile:
        type: RuntimeDefault
    # ONNX Runtime ships for amd64 and arm64; the image is built for one of them.
    nodeSelector:
      kubernetes.io/os: linux
      kubernetes.io/arch: ${containerArchitecture(plan)}
    # One node or zone that fails takes as few pods along as can be.
    topologySpreadConstraints:
      ${['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((key) => spread(plan, key).trimEnd()).join('\n')}
    containers:
      - name: model
        ${container(plan)}
    volumes:
      - name: tmp
        emptyDir:
          sizeLimit: 64Mi
      # - name: predictions
      #   persistentVolumeClaim:
      #     claimName: ${plan.name}-predictions   # ReadWriteMany: every pod has a folder of its own in it
  `
}

const spread = (plan: DeployPlan, topologyKey: string): string => textBlock`
  - maxSkew: 1
    topologyKey: ${topologyKey}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        ${selector(plan)}
`

function container(plan: DeployPlan): string {
  return textBlock`
    image: ${plan.image}
    imagePullPolicy: IfNotPresent
    command: ["node", "node_modules/fivefold/dist/cli/main.js"]
    # $(NAME) is a value of the ConfigMap.
    args:
      - serve
      - --model
      - $(MODEL)
      - --host
      - 0.0.0.0
      # The NetworkPolicy lets the namespace in, and nobody else; tokens (--tokens FILE, from a Secret) ask callers beside.
      - --open-to-all
      - --port
      - $(PORT)
      # A prediction log, for drift: an answer is sent once its rows are on disk. A log has one writer, so every pod has a
      # folder of its own. Needs the volume below and a claim.
      # - --log
      # - ${LOG_FOLDER}
    envFrom:
      - configMapRef:
          name: ${plan.name}
    # env:
    #   - name: POD_NAME
    #     valueFrom:
    #       fieldRef:
    #         fieldPath: metadata.name
    ports:
      - name: http
        containerPort: ${plan.port}
    # As long as the start takes, nothing else is asked.
    startupProbe:
      httpGet:
        path: /readyz
        port: http
      periodSeconds: 1
      failureThreshold: 120
    # 503 from the moment in which the server begins to stop.
    readinessProbe:
      httpGet:
        path: /readyz
        port: http
      periodSeconds: 5
      timeoutSeconds: 3
      failureThreshold: 2
    # Patient: a large batch keeps the process busy, and killing it then would make a slow minute an outage.
    livenessProbe:
      httpGet:
        path: /healthz
        port: http
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    lifecycle:
      # Load balancers hear late that a pod stops; until then it takes requests.
      preStop:
        exec:
          command: ["sleep", "5"]
    resources:
      requests:
        cpu: ${plan.cpuMillis}m
        memory: ${plan.memoryMib}Mi
      # No limit on the processor: a throttled server is a slow one. Memory has one, since it cannot be throttled.
      limits:
        memory: ${plan.memoryMib}Mi
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: ["ALL"]
    volumeMounts:
      - name: tmp
        mountPath: /tmp
      # - name: predictions
      #   mountPath: ${LOG_FOLDER}
      #   subPathExpr: $(POD_NAME)
  `
}
