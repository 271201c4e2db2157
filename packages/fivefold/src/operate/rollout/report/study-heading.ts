/** Whether a policy is in force, or was the last one that had something to find out. */
export type When = 'now' | 'before'

export const headingOf = (what: 'Canary' | 'Experiment' | 'Bandit', when: When): { id: string; title: string } => ({
  id: `${when}-${what.toLowerCase()}`,
  title: when === 'now' ? what : `Last ${what.toLowerCase()}`,
})
