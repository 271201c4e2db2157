import type { MetricName } from '../metrics/index.ts'
import type { ModelCardInput } from './model-card-input.ts'

/** Names that the hub knows; it groups leaderboards by them. */
const HUB_NAMES: Partial<Record<MetricName, string>> = {
  rocAuc: 'roc_auc',
  brier: 'brier_score',
  balancedAccuracy: 'balanced_accuracy',
  prAuc: 'average_precision',
  logLoss: 'log_loss',
  r2: 'r_squared',
}

/** YAML that the Hugging Face hub reads: library, task and measured results (`model-index`), each with its interval. */
export function frontMatter({ name, problem, evaluation, dataset, license }: ModelCardInput): string {
  const task = `tabular-${problem.task}`
  const metrics = Object.entries(evaluation.metrics).flatMap(([metric, { value, low, high }]) => [
    `    - type: ${HUB_NAMES[metric as MetricName] ?? metric}`,
    `      name: ${metric}`,
    `      value: ${yamlNumber(value)}`,
    `      args: { confidence: 0.95, low: ${yamlNumber(low)}, high: ${yamlNumber(high)} }`,
  ])
  return [
    '---',
    'library_name: onnx',
    `pipeline_tag: ${task}`,
    ...(license === undefined ? [] : [`license: ${yamlText(license)}`]),
    'tags:',
    '- fivefold',
    '- onnx',
    `- ${task}`,
    'model-index:',
    `- name: ${yamlText(name)}`,
    '  results:',
    `  - task: { type: ${task}, name: Tabular ${problem.task} }`,
    `    dataset: { type: tabular, name: ${yamlText(dataset.name)}, split: test, args: { protocol: ${yamlText(evaluation.protocol.split)} } }`,
    metrics.length === 0 ? '    metrics: []' : '    metrics:',
    ...metrics,
    '---',
  ].join('\n')
}

/** JSON strings are YAML strings; JSON leaves line separators bare, which YAML 1.1 would break at. */
function yamlText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** With a point before an exponent: YAML 1.1 would read 1e-7 as text. */
function yamlNumber(value: number): string {
  const text = String(value)
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text
}
