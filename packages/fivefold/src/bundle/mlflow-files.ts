import type { TensorType } from '../data/index.ts'
import type { BundleContent, BundleOutput } from './manifest.ts'

/**
 * The files by which MLflow knows a model (MLflow 2 and 3; `mlflow.models.Model.load`, `mlflow.pyfunc.load_model`).
 *
 * The signature is made of tensors of shape [-1, 1], not of columns: MLflow's ONNX flavor hands the columns of a data
 * frame over as one-dimensional arrays under a column signature, which a graph with inputs [N, 1] refuses; under a
 * tensor signature it reshapes them. Missing strings must arrive as ''.
 */
export function mlmodelYaml(manifest: Pick<BundleContent, 'inputs' | 'outputs'>, modelUuid: string): string {
  const inputs = manifest.inputs.map(({ name, tensor }) => tensorSpec(name, INPUT_DTYPES[tensor]))
  const outputs = manifest.outputs.map(({ name, type }) => tensorSpec(name, OUTPUT_DTYPES[type]))
  // No utc_time_created and no mlflow_version: bundles carry no clock, and no MLflow wrote this. Both are optional.
  return `flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_session_options: null
    onnx_version: 1.12.0
    providers:
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.onnx
    python_version: '${PYTHON_VERSION}'
is_signature_from_type_hint: false
metadata:
  fivefold:
    formatVersion: 1
model_uuid: ${modelUuid}
signature:
  inputs: ${yamlString(JSON.stringify(inputs))}
  outputs: ${yamlString(JSON.stringify(outputs))}
  params: null
type_hint_from_example: false
`
}

const INPUT_DTYPES: Record<TensorType, string> = { double: 'float64', int64: 'int64', bool: 'bool', string: 'str' }
const OUTPUT_DTYPES: Record<BundleOutput['type'], string> = { float: 'float32', string: 'str' }

const tensorSpec = (name: string, dtype: string) => ({
  name,
  type: 'tensor',
  'tensor-spec': { dtype, shape: [-1, 1] },
})

/** Single-quoted YAML takes any text on one line with quotes doubled; JSON holds no raw line breaks. */
const yamlString = (text: string): string => `'${escapeNonAscii(text).replaceAll("'", "''")}'`

/** As Python's json.dumps does; also keeps characters out that YAML does not print. */
function escapeNonAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const PYTHON_VERSION = '3.11'

/** The graph needs ONNX 1.12 (IR 8, opset 17); any newer release loads it. */
const REQUIREMENTS = ['mlflow>=2.12', 'onnx>=1.12', 'onnxruntime>=1.12']

export function environmentFiles(): Record<string, string> {
  return {
    'requirements.txt': `${REQUIREMENTS.join('\n')}\n`,
    'python_env.yaml': `python: '${PYTHON_VERSION}'\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r requirements.txt\n`,
    'conda.yaml': `channels:\n- conda-forge\ndependencies:\n- python=${PYTHON_VERSION}\n- pip\n- pip:\n${REQUIREMENTS.map((line) => `  - ${line}\n`).join('')}name: mlflow-env\n`,
  }
}
