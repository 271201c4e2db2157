import { textFile } from '../../deploy-file.ts'
import { containerArchitecture, type DeployPlan } from '../../deploy-plan.ts'
import type { DeployTarget } from '../../deploy-target.ts'
import { command, runbook } from '../../runbook/runbook.ts'
import { textBlock } from '../../text-block.ts'
import { imageFiles } from '../image.ts'
import { inFolder } from '../in-folder.ts'
import { deployment } from './deployment.ts'
import { monitoringManifests } from './monitoring.ts'
import { autoscaler, configMap, disruptionBudget, networkPolicy, service } from './service.ts'

/** An image, and manifests for `kubectl apply --kustomize`. */
export const kubernetesTarget: DeployTarget = (plan) => {
  const manifests: [string, string][] = [
    ['config-map.yaml', configMap(plan)],
    ['deployment.yaml', deployment(plan)],
    ['service.yaml', service(plan)],
    ['horizontal-pod-autoscaler.yaml', autoscaler(plan)],
    ['pod-disruption-budget.yaml', disruptionBudget(plan)],
    ['network-policy.yaml', networkPolicy(plan)],
  ]
  return [
    ...inFolder('image', imageFiles(plan, { holdsModel: true, modelPath: 'model' })),
    ...manifests.map(([path, text]) => textFile(`manifests/${path}`, text)),
    ...monitoringManifests(plan).map(([path, text]) => textFile(`manifests/monitoring/${path}`, text)),
    textFile('manifests/kustomization.yaml', kustomization(plan, manifests)),
    runbook(plan, runbookParts(plan)),
  ]
}

function kustomization({ name }: DeployPlan, manifests: readonly (readonly [string, string])[]): string {
  return textBlock`
    # kubectl apply --kustomize manifests
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    # namespace: ${name}   # the namespace of the current context where nothing is said
    resources:
      ${manifests.map(([path]) => `- ${path}`).join('\n')}
      # Needs the Prometheus operator (its resources ServiceMonitor and PrometheusRule).
      # - monitoring
  `
}

function runbookParts(plan: DeployPlan): Parameters<typeof runbook>[1] {
  const { name, image, port, replicas } = plan
  return {
    summary: `A Deployment of at least ${replicas} pods behind the Service \`${name}\`, port 80.`,
    baseUrl: `http://127.0.0.1:${port}`,
    deploy: textBlock`
      Freeze the packages once, and commit the file that this makes:

      ${command('(cd image/app && npm install --package-lock-only --omit=dev --ignore-scripts)')}

      Build the image and push it to a registry that the cluster reads from; the name in \`manifests/deployment.yaml\` must have the
      registry in it (\`fivefold deploy --image registry.example.com/team/${image}\`):

      ${command(
        `docker build --platform linux/${containerArchitecture(plan)} --tag ${image} image`,
        `docker push ${image}`,
        'kubectl diff --kustomize manifests   # what would change',
        'kubectl apply --kustomize manifests',
        `kubectl rollout status deployment/${name} --timeout 5m`,
      )}

      Pods are replaced one after the other: a new one has to be ready before an old one is asked to stop, and the old one answers
      what is in flight. A model that does not load never gets a request: the roll-out waits, and the old pods serve on.

      Only the namespace itself may call the service, see \`manifests/network-policy.yaml\`. Within it the server is open
      to all (\`--open-to-all\`): authentication and TLS are the business of the gateway before it, or of \`--tokens\` and \`--tls-cert\`.
    `,
    verify: command(
      `kubectl get deployment,pods,hpa,pdb --selector app.kubernetes.io/name=${name}`,
      `kubectl port-forward service/${name} ${port}:80   # in a second terminal, for the requests below`,
    ),
    rollBack: textBlock`
      ${command(
        `kubectl rollout history deployment/${name}`,
        `kubectl rollout undo deployment/${name}   # to the revision before; --to-revision=N for another`,
        `kubectl rollout status deployment/${name} --timeout 5m`,
      )}

      Then set the image in \`manifests/deployment.yaml\` to the same tag, or the next \`kubectl apply\` rolls forward again.
    `,
    logs: `kubectl logs --selector app.kubernetes.io/name=${name} --tail 100 --prefix`,
    restart: `kubectl rollout restart deployment/${name}`,
    unpackModel: ['cd image'],
    monitoring: textBlock`
      With the Prometheus operator: take the comment sign from \`monitoring\` in \`manifests/kustomization.yaml\` and apply again. The
      ServiceMonitor scrapes \`/metrics\` of every pod under the job \`${name}\`; the PrometheusRule holds the alerts below. Prometheus
      has to select both, often by a label \`release\`: \`kubectl get prometheus --all-namespaces --output yaml | grep -A3 Selector\`.
    `,
  }
}
