import { copiedFile, type DeployFile, jsonFile, scriptFile, textFile } from '../deploy-file.ts'
import { type DeployPlan, heapMib } from '../deploy-plan.ts'
import { textBlock } from '../text-block.ts'

/** ONNX Runtime and the database bindings are built against glibc, so the image is Debian and not Alpine. */
const NODE_IMAGE = 'node:24.21.0-bookworm-slim'

/** Where a prediction log goes, if one is kept; belongs to the user that serves. */
export const LOG_FOLDER = '/predictions'

interface ImageOptions {
  /** Without it the image serves what is mounted at `modelPath`. */
  readonly holdsModel: boolean
  readonly modelPath: string
  /** A script beside the Dockerfile that starts the server, for platforms that run the image with `serve`. */
  readonly serveScript?: boolean
}

/** Everything that `docker build` needs, as a folder of its own. */
export function imageFiles(plan: DeployPlan, options: ImageOptions): DeployFile[] {
  return [
    textFile('Dockerfile', dockerfile(plan, options)),
    textFile('.dockerignore', dockerignore(options)),
    ...(options.serveScript ? [scriptFile('serve', serveScript(plan, options))] : []),
    ...packageFiles(plan),
    ...(options.holdsModel ? [copiedFile('model', plan.model.path)] : []),
  ]
}

/** `app/`: what npm installs. A package-lock.json that stands beside it is used from then on. */
export function packageFiles({ name, source }: DeployPlan): DeployFile[] {
  const tarball = `fivefold-${source.version}.tgz`
  const dependency = source.tarball === undefined ? source.version : `file:${tarball}`
  const manifest = {
    name,
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    dependencies: { fivefold: dependency },
  }
  return [
    jsonFile('app/package.json', manifest),
    ...(source.tarball === undefined ? [] : [copiedFile(`app/${tarball}`, source.tarball)]),
  ]
}

/** Installs the packages and takes away what other systems would run: 240 MB. Runs in the folder of the package.json. */
export const INSTALL_PACKAGES = `if [ -f package-lock.json ]; then \\
      npm ci --omit=dev --ignore-scripts --no-audit --no-fund; \\
    else \\
      npm install --omit=dev --ignore-scripts --no-audit --no-fund; \\
    fi`
export const PRUNE_RUNTIME = `cd node_modules/onnxruntime-node/bin/napi-v* \\
    && rm -rf darwin win32 \\
    && find linux -mindepth 1 -maxdepth 1 ! -name "$(node -p process.arch)" -exec rm -rf {} +`

function dockerfile(plan: DeployPlan, options: ImageOptions): string {
  const { holdsModel, modelPath } = options
  const { model, port } = plan
  return textBlock`
    # syntax=docker/dockerfile:1
    # ${plan.name}: ${holdsModel ? `the model '${model.title}', version ${model.version}` : `any model that is mounted at ${modelPath}`}, behind HTTP.
    #   docker build --tag ${plan.image} .
    ARG NODE_IMAGE=${NODE_IMAGE}

    # ---- packages: production dependencies only, no install scripts ----
    # hadolint ignore=DL3006
    FROM \${NODE_IMAGE} AS packages
    WORKDIR /app
    COPY app/ ./
    # With a package-lock.json in app/ every build has the same packages; RUNBOOK.md says how to make one.
    RUN ${INSTALL_PACKAGES}
    # ONNX Runtime ships for five platforms in one package; one of them is kept.
    # hadolint ignore=DL3003
    RUN ${PRUNE_RUNTIME}
    RUN mkdir predictions

    # ---- what runs ----
    # hadolint ignore=DL3006
    FROM \${NODE_IMAGE}
    LABEL org.opencontainers.image.title="${plan.name}" \\
          org.opencontainers.image.version="${model.version}" \\
          fivefold.model.sha256="${holdsModel ? model.digest : 'mounted'}"
    # The heap leaves room for ONNX Runtime, whose memory V8 does not see.
    ENV NODE_ENV=production \\
        NODE_OPTIONS="--max-old-space-size=${heapMib(plan)}"
    WORKDIR /app
    COPY --from=packages /app/node_modules ./node_modules
    # For a prediction log (--log ${LOG_FOLDER}): a volume mounted here belongs to the user below.
    COPY --from=packages --chown=1000:1000 /app/predictions ${LOG_FOLDER}
    ${options.serveScript ? 'COPY --chmod=0755 serve /usr/local/bin/serve' : ''}
    ${holdsModel ? 'COPY model ./model' : '# No model is copied: it is mounted where the container runs.'}

    # The user 'node' of the base image, as a number: Kubernetes checks 'runAsNonRoot' by it.
    USER 1000:1000
    EXPOSE ${port}
    # Ready once predictions can be asked for; 503 from the moment in which the server begins to stop.
    HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \\
      CMD ["node", "-e", "fetch('http://127.0.0.1:${port}/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
    ${startInstruction(plan, options)}
  `
}

const serveArguments = ({ port }: DeployPlan, { modelPath }: ImageOptions): string[] => [
  ...['serve', '--model', modelPath, '--host', '0.0.0.0', '--port', String(port), '--open-to-all'],
]

function startInstruction(plan: DeployPlan, options: ImageOptions): string {
  const program = 'node_modules/fivefold/dist/cli/main.js'
  const args = ['node', program, ...serveArguments(plan, options)].map((part) => JSON.stringify(part)).join(', ')
  if (options.serveScript) return '# The platform runs the image with this word.\nCMD ["serve"]'
  return textBlock`
    # --open-to-all: the platform, or the proxy before the container, asks callers who they are. Without it the server
    # wants tokens (--tokens FILE).
    # No shell between: SIGTERM reaches the server, which answers what is in flight and ends with 0.
    STOPSIGNAL SIGTERM
    CMD [${args}]
  `
}

const serveScript = (plan: DeployPlan, options: ImageOptions): string => textBlock`
  #!/bin/sh
  # --open-to-all: the platform asks callers who they are before a request comes here.
  # 'exec': SIGTERM reaches the server, which answers what is in flight and ends with 0.
  exec node /app/node_modules/fivefold/dist/cli/main.js ${serveArguments(plan, options).join(' ')}
`

function dockerignore({ holdsModel, serveScript }: ImageOptions): string {
  return textBlock`
    # Nothing goes to the builder but what the Dockerfile copies.
    *
    !app
    app/node_modules
    ${[holdsModel ? '!model' : '', serveScript ? '!serve' : ''].filter(Boolean).join('\n')}
  `
}
