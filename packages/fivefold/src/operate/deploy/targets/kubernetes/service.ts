import { type DeployPlan, heapMib } from '../../deploy-plan.ts'
import { exampleBody } from '../../runbook/example-request.ts'
import { textBlock } from '../../text-block.ts'
import { labels, selector } from './labels.ts'

export function configMap(plan: DeployPlan): string {
  return textBlock`
    # Pods read it when they start: after a change, kubectl rollout restart deployment/${plan.name}
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: ${plan.name}
      labels:
        ${labels(plan)}
    data:
      # Folder of the bundle in the image.
      MODEL: model
      PORT: "${plan.port}"
      # The heap leaves room for ONNX Runtime, whose memory V8 does not see.
      NODE_OPTIONS: --max-old-space-size=${heapMib(plan)}
      # A body for POST /predict.
      example-request.json: |
        ${exampleBody(plan)}
  `
}

export function service(plan: DeployPlan): string {
  return textBlock`
    apiVersion: v1
    kind: Service
    metadata:
      name: ${plan.name}
      labels:
        ${labels(plan)}
    spec:
      type: ClusterIP
      selector:
        ${selector(plan)}
      ports:
        - name: http
          port: 80
          targetPort: http
          appProtocol: http
  `
}

/** Up to five times as many pods as are always there. */
const MOST_TO_LEAST = 5

export function autoscaler(plan: DeployPlan): string {
  return textBlock`
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: ${plan.name}
      labels:
        ${labels(plan)}
    spec:
      scaleTargetRef:
        apiVersion: apps/v1
        kind: Deployment
        name: ${plan.name}
      minReplicas: ${plan.replicas}
      maxReplicas: ${plan.replicas * MOST_TO_LEAST}
      metrics:
        # Serving is computing: the processor is what runs out.
        - type: Resource
          resource:
            name: cpu
            target:
              type: Utilization
              averageUtilization: 70
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 0
          policies:
            - type: Percent
              value: 100
              periodSeconds: 30
        # Slowly down: traffic that comes in waves would make pods come and go.
        scaleDown:
          stabilizationWindowSeconds: 300
          policies:
            - type: Pods
              value: 1
              periodSeconds: 60
  `
}

export function disruptionBudget(plan: DeployPlan): string {
  return textBlock`
    # Nodes are drained one pod after the other.
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: ${plan.name}
      labels:
        ${labels(plan)}
    spec:
      maxUnavailable: 1
      unhealthyPodEvictionPolicy: AlwaysAllow
      selector:
        matchLabels:
          ${selector(plan)}
  `
}

export function networkPolicy(plan: DeployPlan): string {
  return textBlock`
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: ${plan.name}
      labels:
        ${labels(plan)}
    spec:
      podSelector:
        matchLabels:
          ${selector(plan)}
      policyTypes: ["Ingress", "Egress"]
      ingress:
        - from:
            # Whoever is in the namespace.
            - podSelector: {}
            # Prometheus, and a gateway, by the names of their namespaces: adapt them to the cluster.
            - namespaceSelector:
                matchExpressions:
                  - key: kubernetes.io/metadata.name
                    operator: In
                    values: ["monitoring", "ingress-nginx", "istio-system"]
          ports:
            - protocol: TCP
              port: http
      # The server calls nobody: no rule lets anything out.
      egress: []
  `
}
