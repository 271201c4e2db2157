import type { DeployTarget } from '../deploy-target.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'
import { imageFiles } from './image.ts'

/** An image with the model in it. */
export const dockerTarget: DeployTarget = (plan) => [
  ...imageFiles(plan, { holdsModel: true, modelPath: 'model' }),
  runbook(plan, {
    summary: `One container with the model in its image, on port ${plan.port}.`,
    baseUrl: `http://127.0.0.1:${plan.port}`,
    deploy: textBlock`
      Freeze the packages once, and commit the file that this makes:

      ${command('(cd app && npm install --package-lock-only --omit=dev --ignore-scripts)')}

      Build, push where other machines shall have it, run:

      ${command(
        `docker build --tag ${plan.image} .`,
        `docker run --detach --name ${plan.name} --restart unless-stopped \\`,
        '  --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp \\',
        `  --cpus ${plan.cpuMillis / 1000} --memory ${plan.memoryMib}m --publish 127.0.0.1:${plan.port}:${plan.port} ${plan.image}`,
      )}

      The port is published to this machine alone, since the image opens the server to all (\`--open-to-all\`): put a proxy with TLS and
      authentication before it, or give the server tokens and a certificate in its place.
    `,
    verify: textBlock`
      ${command(`docker inspect --format '{{.State.Health.Status}}' ${plan.name}   # healthy`)}
    `,
    rollBack: textBlock`
      The tag names version and digest of the model, so the earlier image is still there under its own tag:

      ${command(
        `docker image ls ${plan.image.replace(/[:@][^/]*$/, '')}`,
        `docker rm --force ${plan.name}`,
        `docker run --detach --name ${plan.name} ... EARLIER_IMAGE   # with the flags from above`,
      )}

      \`docker stop\` lets requests in flight be answered (\`--time 45\` where they take long).
    `,
    logs: `docker logs ${plan.name}`,
    restart: `docker restart ${plan.name}`,
  }),
]
