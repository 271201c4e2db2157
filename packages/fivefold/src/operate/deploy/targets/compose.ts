import { textFile } from '../deploy-file.ts'
import type { DeployPlan } from '../deploy-plan.ts'
import type { DeployTarget } from '../deploy-target.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'
import { imageFiles, LOG_FOLDER } from './image.ts'

/** One container with a prediction log on a volume. */
export const composeTarget: DeployTarget = (plan) => [
  ...imageFiles(plan, { holdsModel: true, modelPath: 'model' }),
  textFile('compose.yaml', composeFile(plan)),
  runbook(plan, {
    summary: `One container under Docker Compose, on port ${plan.port}, with its prediction log on a volume.`,
    baseUrl: `http://127.0.0.1:${plan.port}`,
    deploy: textBlock`
      Freeze the packages once, and commit the file that this makes:

      ${command('(cd app && npm install --package-lock-only --omit=dev --ignore-scripts)')}

      ${command('docker compose up --build --detach --wait   # returns once the service is healthy')}
    `,
    verify: command('docker compose ps'),
    rollBack: textBlock`
      The tag names version and digest of the model, so the earlier image is still there. Put its tag under \`image:\` in
      \`compose.yaml\`, then:

      ${command('docker compose up --no-build --detach --wait')}
    `,
    logs: 'docker compose logs --follow',
    restart: 'docker compose restart',
    unpackModel: [
      'docker compose cp model:/predictions ./recent   # then --current recent: the log instead of a table',
    ],
  }),
]

function composeFile(plan: DeployPlan): string {
  const { name, image, port } = plan
  return textBlock`
    # ${name}: docker compose up --build --detach --wait
    name: ${name}
    services:
      model:
        build: .
        image: ${image}
        command:
          - node
          - node_modules/fivefold/dist/cli/main.js
          - serve
          - --model
          - model
          - --host
          - 0.0.0.0
          # The port below is published to this machine alone.
          - --open-to-all
          - --port
          - "${port}"
          # An answer is sent once its rows are on disk: they survive a crash.
          - --log
          - ${LOG_FOLDER}
        ports:
          # This machine alone: put a proxy with TLS and authentication before it.
          - "127.0.0.1:${port}:${port}"
        volumes:
          - predictions:${LOG_FOLDER}
        # The health check is that of the image, asked more often while the service starts.
        healthcheck:
          test: ["CMD", "node", "-e", "fetch('http://127.0.0.1:${port}/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
          interval: 10s
          timeout: 5s
          retries: 3
          start_period: 60s
          start_interval: 1s
        restart: unless-stopped
        # Requests in flight are answered first; one takes at most 30 s.
        stop_grace_period: 45s
        read_only: true
        tmpfs:
          - /tmp
        cap_drop:
          - ALL
        security_opt:
          - no-new-privileges:true
        deploy:
          resources:
            limits:
              cpus: "${plan.cpuMillis / 1000}"
              memory: ${plan.memoryMib}M
        logging:
          driver: local
          options:
            max-size: 10m
            max-file: "5"
    volumes:
      # A prediction log has one writer: another instance needs another volume.
      predictions:
  `
}
