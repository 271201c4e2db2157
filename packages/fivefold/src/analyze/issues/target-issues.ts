import { formatCount, formatFixed, formatNumber, formatPercent } from '../../report/index.ts'
import type { QualityIssue } from '../profile.ts'
import { type Facts, plural } from './facts.ts'

export function leakageIssues({ leakage, target }: Facts): QualityIssue[] {
  const titles = {
    identity: 'make up the target',
    nearlyPerfect: 'gives the target away',
    afterTheFact: 'may be known only after the target',
    farAhead: 'predicts the target suspiciously well',
  } as const
  return leakage.map(({ columns, kind, severity, evidence }) => ({
    kind: 'leakage',
    severity,
    columns,
    title: `${columns.join(' + ')} ${columns.length === 1 && kind === 'identity' ? 'is the target in other words' : titles[kind]}`,
    evidence,
    action: `Drop ${columns.length === 1 ? 'it' : 'them'}, unless ${columns.length === 1 ? 'its value is' : 'their values are'} known before ${target} is.`,
  }))
}

export function targetIssues({ targetProfile, target, rows }: Facts): QualityIssue[] {
  if (target === null) return []
  if (!targetProfile)
    return [
      {
        kind: 'targetUnusable',
        severity: 'bad',
        columns: [target],
        title: `${target} cannot be learned from`,
        evidence: 'it has one value, or too many classes',
        action: 'Choose another target.',
      },
    ]
  const issues: QualityIssue[] = []
  if (targetProfile.missing > 0)
    issues.push({
      kind: 'targetMissing',
      severity: 'warning',
      columns: [target],
      title: `${target} is missing in ${formatPercent(targetProfile.missing / rows)} of the rows`,
      evidence: `${formatCount(targetProfile.missing)} of ${formatCount(rows)} rows`,
      action:
        'These rows are left out of training. Find out why they have no target: if not by chance, the rest is not representative.',
    })
  if (targetProfile.kind === 'number') {
    if (targetProfile.skewness !== null && Math.abs(targetProfile.skewness) > 3)
      issues.push({
        kind: 'targetSkewed',
        severity: 'neutral',
        columns: [target],
        title: `${target} is heavily skewed`,
        evidence: `skewness ${formatNumber(targetProfile.skewness, 3)}`,
        action: 'Look at mae beside rmse: a few large values decide rmse.',
      })
    return issues
  }
  const rarest = targetProfile.classes.at(-1)!
  if (rarest.share < 0.1)
    issues.push({
      kind: 'imbalance',
      severity: rarest.share < 0.01 ? 'bad' : 'warning',
      columns: [target],
      title: `Class ${rarest.name} is rare: ${formatPercent(rarest.share)} of the rows`,
      evidence: `${formatCount(rarest.count)} rows, 1 to ${formatNumber(targetProfile.imbalance, 3)} against the most frequent`,
      action: 'Do not judge by accuracy; look at prAuc and choose the threshold by cost.',
    })
  return issues
}

export function driftIssues({ drift, targetProfile, target }: Facts): QualityIssue[] {
  const drifted = drift.columns.filter((column) => column.drifted && column.column !== target)
  const issues: QualityIssue[] = []
  const goal = drift.columns.find(({ column, drifted }) => column === target && drifted)
  if (goal && targetProfile)
    issues.push({
      kind: 'targetDrift',
      severity: 'warning',
      columns: [goal.column],
      title: `${goal.column} changes along the ${drift.order}`,
      evidence: `${goal.change}, effect ${formatFixed(goal.effect, 2)}, first against last third`,
      action: 'Split by time, not at random: a random split would judge the model on a past that it has seen.',
    })
  if (drifted.length > 0)
    issues.push({
      kind: 'drift',
      severity: 'warning',
      columns: drifted.map(({ column }) => column),
      title: `${plural(
        drifted.map(({ column }) => column),
        'changes',
        'change',
      )} along the ${drift.order}`,
      evidence: drifted
        .slice(0, 4)
        .map(
          ({ column, change, effect }) => `${column} ${change === '' ? `(effect ${formatFixed(effect, 2)})` : change}`,
        )
        .join('; '),
      action: 'If the rows are in order of time, split by time and watch these columns in production.',
    })
  return issues
}
