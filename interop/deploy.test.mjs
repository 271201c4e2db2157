/** What `fivefold deploy` writes, held against the linters and schemas that its platforms use. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fivefold, workFolder } from './harness.mjs'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'

const { python, reason } = pythonEnvironment(suiteRequirements('requirements-deploy.txt'))
if (reason) console.log(`SKIPPED: ${reason}`)
const folder = workFolder()
const bundle = join(process.env.FIVEFOLD_REPOSITORY, 'packages/fivefold/src/bundle/fixtures/format-1')
const targets = ['docker', 'compose', 'kubernetes', 'kserve', 'sagemaker', 'vertex', 'azureml', 'lambda', 'systemd']

function passes(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options })
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error ?? ''}${stdout}${stderr}`)
  return stdout
}

const tool = (name) => join(dirname(python), name)
const filesOf = (target, ending) =>
  readdirSync(join(folder, target), { recursive: true })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, target, path))

describe('what is deployed', { skip: reason ?? false }, () => {
  before(() => {
    for (const target of targets) fivefold(['deploy', '--model', bundle, '--target', target, '--out', target], folder)
  })

  it('Dockerfiles: hadolint', () => {
    const dockerfiles = targets.flatMap((target) => filesOf(target, 'Dockerfile'))
    assert.equal(dockerfiles.length, 7)
    passes(tool('hadolint'), dockerfiles)
  })

  it('Kubernetes: its own schemas, unknown fields refused', () => {
    const manifests = filesOf('kubernetes/manifests', '.yaml').filter(
      (path) => !path.includes('monitoring') && !path.endsWith('kustomization.yaml'),
    )
    assert.equal(manifests.length, 6)
    for (const manifest of manifests) passes(tool('kubernetes-validate'), ['--strict', manifest])
  })

  const skipKubectl =
    spawnSync('kubectl', ['version', '--client']).status === 0 ? false : 'since kubectl is not installed'
  it('Kubernetes and KServe: kustomize builds them', { skip: skipKubectl }, () => {
    for (const [target, resources] of [
      ['kubernetes/manifests', 6],
      ['kubernetes/manifests/monitoring', 2],
      ['kserve/manifests', 2],
    ]) {
      const built = passes('kubectl', ['kustomize', join(folder, target)])
      assert.equal(built.match(/^kind:/gm).length, resources)
    }
  })

  it('Compose: the schema of its specification', () => {
    const compose = join(folder, 'compose/compose.yaml')
    passes(tool('check-jsonschema'), ['--builtin-schema', 'vendor.compose-spec', compose])
  })

  it('SAM: cfn-lint, with the rules of every resource', () => {
    passes(tool('cfn-lint'), [
      '--include-checks',
      'I',
      '--ignore-checks',
      'I3042',
      '--',
      join(folder, 'lambda/template.yaml'),
    ])
  })

  it('the function: the archive is whole for Python, and starts with what is in it', () => {
    const archive = join(folder, 'lambda/function.zip')
    passes(python, ['-m', 'zipfile', '--test', archive])
    const listed = passes(python, ['-m', 'zipfile', '--list', archive], { maxBuffer: 1 << 26 })
    assert.match(listed, /^handler\.mjs /m)
    assert.match(listed, /^model\/fivefold\.json /m)
  })

  it('SageMaker: the AWS SDK’s descriptions of its requests', () => {
    const operations = {
      'create-model': 'sagemaker:CreateModel',
      'create-endpoint-config': 'sagemaker:CreateEndpointConfig',
      'create-endpoint': 'sagemaker:CreateEndpoint',
      'update-endpoint': 'sagemaker:UpdateEndpoint',
      'put-metric-alarm': 'cloudwatch:PutMetricAlarm',
      'register-scalable-target': 'application-autoscaling:RegisterScalableTarget',
      'put-scaling-policy': 'application-autoscaling:PutScalingPolicy',
    }
    const written = filesOf('sagemaker/aws', '.json')
    assert.equal(written.length, Object.keys(operations).length)
    const pairs = Object.entries(operations).flatMap(([file, operation]) => [
      join(folder, `sagemaker/aws/${file}.json`),
      operation,
    ])
    const added = JSON.stringify({ ExecutionRoleArn: 'arn:aws:iam::123456789012:role/example' })
    const script = fileURLToPath(new URL('python/validate_aws_requests.py', import.meta.url))
    const reports = JSON.parse(passes(python, [script, ...pairs, '--defaults', added]))
    assert.deepEqual(
      Object.values(reports),
      pairs.filter((_, i) => i % 2 === 0).map(() => ''),
    )
  })
})
