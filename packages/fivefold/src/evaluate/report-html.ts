import { type Fact, formatCount, htmlDocument } from '../report/index.ts'
import type { Evaluation } from './evaluation.ts'
import { classificationSections } from './report-classification.ts'
import { importanceSection, labelSection, latencySection } from './report-extras.ts'
import type { ReportExtras } from './report-input.ts'
import { groupSection, sliceSection } from './report-parts-of-data.ts'
import { regressionSections } from './report-regression.ts'
import { metricsSection, summarySection } from './report-summary.ts'

/** The evaluation as one self-contained HTML page. Same input, same bytes. */
export function renderEvaluationHtml(evaluation: Evaluation, extras: ReportExtras = {}): string {
  const sections = [
    summarySection(evaluation, extras),
    metricsSection(evaluation),
    ...classificationSections(evaluation),
    ...regressionSections(evaluation),
    sliceSection(evaluation),
    ...(evaluation.groups.length > 0 ? [groupSection(evaluation)] : []),
    ...(extras.importance ? [importanceSection(extras.importance)] : []),
    ...(extras.labelIssues ? [labelSection(extras.labelIssues)] : []),
    ...(extras.latency ? [latencySection(extras.latency, extras.sizeBytes)] : []),
    ...(extras.sections ?? []),
  ]
  return htmlDocument({
    title: extras.model ? `Evaluation of ${extras.model}` : `Evaluation: ${evaluation.target}`,
    subtitle: `Predicts ${evaluation.target} (${evaluation.task}), measured on: ${evaluation.protocol.split}`,
    facts: [...protocolFacts(evaluation), ...(extras.facts ?? [])],
    sections,
  })
}

function protocolFacts({ protocol, threshold, metric }: Evaluation): Fact[] {
  return [
    { label: 'Split', value: protocol.split },
    { label: 'Test rows', value: formatCount(protocol.rows) },
    { label: 'Training rows', value: formatCount(protocol.trainRows) },
    { label: 'Decides by', value: metric },
    ...(threshold === undefined ? [] : [{ label: 'Threshold', value: threshold.toFixed(3) }]),
    { label: 'Seed', value: String(protocol.seed) },
  ]
}
