import type { ColumnProfile, Profile } from '../profile.ts'

/** The profile before its issues are known. */
export type Facts = Omit<Profile, 'issues'>

/** `a, b and 3 more`. */
export function namesOf(names: readonly string[], most = 6): string {
  if (names.length <= most + 1) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

export const plural = (names: readonly string[], one: string, many: string): string =>
  names.length === 1 ? `${names[0]} ${one}` : `${names.length} columns ${many}`

/** Share of the present values that the most frequent one has. */
export function topShare({ topValues, present }: ColumnProfile): number {
  return topValues.length > 0 && present > 0 ? topValues[0]!.count / present : 0
}
