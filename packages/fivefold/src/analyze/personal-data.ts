import { type Column, columnOf, type Frame, type Schema } from '../data/index.ts'
import { formatPercent } from '../report/index.ts'
import type { PersonalDataKind, PersonalDataSuspect } from './profile.ts'

const LOOKED_AT = 2000
/** Share of the values that must match where the name says nothing. */
const MATCHING = 0.5
/** And where the name says the same. */
const MATCHING_WITH_NAME = 0.1

interface Detector {
  readonly kind: PersonalDataKind
  /** Names of columns that hold it, in words joined by _. */
  readonly name: RegExp
  readonly matches?: (text: string) => boolean
  /** Whether numbers may be it; digits alone prove little, so the name must say so too. */
  readonly numeric?: boolean
  /** Whether the pattern proves nothing without the name. */
  readonly needsName?: boolean
  /** Whether the name is enough for text columns without a pattern. */
  readonly nameSuffices?: boolean
}

const DETECTORS: readonly Detector[] = [
  {
    kind: 'e-mail address',
    name: /(^|_)e?_?mail(_?addr(ess)?)?($|_)/,
    matches: (text) => /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i.test(text),
    nameSuffices: true,
  },
  { kind: 'IBAN', name: /(^|_)iban($|_)/, matches: isIban },
  {
    kind: 'payment card number',
    name: /(^|_)(card|cc|credit_card|pan)(_?(no|num|number))?($|_)/,
    matches: isCardNumber,
    numeric: true,
  },
  {
    kind: 'national id',
    name: /(^|_)(ssn|social_security|national_id|passport|nino|tax_id|personal_?(id|no|number)|cpf|aadhaar|id_?card)($|_)/,
    matches: (text) => /^(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(text),
    nameSuffices: true,
  },
  {
    kind: 'IP address',
    name: /(^|_)ip(_?addr(ess)?)?($|_)/,
    matches: (text) =>
      /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(text) ||
      /^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$/i.test(text),
  },
  {
    kind: 'phone number',
    name: /(^|_)(phone|telephone|tel|mobile|cell|fax|msisdn)(_?(no|num|number))?($|_)/,
    matches: isPhoneNumber,
    numeric: true,
  },
  {
    kind: 'person name',
    name: /(^|_)((first|last|full|family|given|middle|sur|fore|maiden|customer|client|patient|passenger|employee|person|user|contact|holder|student)_?names?|names?|surname)($|_)/,
    matches: isPersonName,
    needsName: true,
  },
  {
    kind: 'postal address',
    name: /(^|_)(street|(home|postal|mailing|billing|shipping)?_?address|addr)(_?(line|1|2))?($|_)/,
    matches: (text) => /\d/.test(text) && /\p{L}{3,}/u.test(text) && /\s/.test(text),
    needsName: true,
  },
  {
    kind: 'date of birth',
    name: /(^|_)(dob|birth_?(date|day)?|date_of_birth|born)($|_)/,
    numeric: true,
    nameSuffices: true,
  },
]

/** Columns that look like personal data, by the patterns of their values and by their names. Never gives a value away. */
export function findPersonalData(schema: Schema, sample: Frame): PersonalDataSuspect[] {
  return schema.columns.flatMap(({ name, type }) => {
    if (type === 'constant' || type === 'boolean') return []
    const column = columnOf(sample, name)
    const values = type === 'datetime' ? [] : distinctTexts(column)
    const words = name
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
    return suspectOf(name, words, column.kind === 'number', values) ?? []
  })
}

function suspectOf(
  column: string,
  words: string,
  isNumber: boolean,
  values: readonly string[],
): PersonalDataSuspect | undefined {
  for (const { kind, name, matches, numeric, needsName, nameSuffices } of DETECTORS) {
    if (isNumber && !numeric) continue
    const named = name.test(words)
    if (!named && (needsName || isNumber) && !(kind === 'payment card number')) continue
    const share = matches && values.length > 0 ? values.filter(matches).length / values.length : null
    const enough = named ? MATCHING_WITH_NAME : isNumber ? 0.9 : MATCHING
    if (share !== null && share >= enough && values.length >= 3)
      return found(
        column,
        kind,
        named,
        share,
        values.find((value) => matches!(value)),
      )
    if (named && nameSuffices && (values.length === 0 || share === null || values.length > 20))
      return found(column, kind, named, share === 0 ? null : share, values[0])
  }
  return undefined
}

function found(
  column: string,
  kind: PersonalDataKind,
  named: boolean,
  share: number | null,
  example: string | undefined,
): PersonalDataSuspect {
  const byValues =
    share === null ? [] : [`${formatPercent(share)} of the distinct values looked at have the form of one`]
  const byName = named ? ['the column’s name says so'] : []
  return {
    column,
    kind,
    evidence: [...byValues, ...byName].join(', and '),
    matching: share,
    masked: example === undefined ? null : masked(example),
  }
}

/** The shape of a value without the value. */
function masked(text: string): string {
  return Array.from(text).slice(0, 24).join('').replace(/\p{L}/gu, 'x').replace(/\p{N}/gu, '0')
}

function distinctTexts(column: Column): string[] {
  const texts = new Set<string>()
  if (column.kind === 'string') {
    for (const code of column.codes) {
      if (code >= 0) texts.add(column.dictionary[code]!)
      if (texts.size >= LOOKED_AT) break
    }
  } else {
    for (const value of column.values) {
      if (Number.isInteger(value)) texts.add(String(value))
      if (texts.size >= LOOKED_AT) break
    }
  }
  return [...texts]
}

/** 13 to 19 digits of a known issuer whose check digit is right (Luhn, ISO/IEC 7812). */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '')
  return /^(3[47]|3[068]|4|5[1-5]|2[2-7]|6)\d{11,17}$/.test(digits) && luhnHolds(digits)
}

function luhnHolds(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Two letters, two check digits and up to 30 characters whose remainder by 97 is 1 (ISO 13616). */
function isIban(text: string): boolean {
  const compact = text.replace(/ /g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact)) return false
  let remainder = 0
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    for (const digit of String(Number.parseInt(character, 36))) remainder = (remainder * 10 + Number(digit)) % 97
  }
  return remainder === 1
}

function isPhoneNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  if (digits < 7 || digits > 15 || !/^\+?[\d\s().-]+(x\d+)?$/.test(text)) return false
  // Plain digits may be anything; a leading + or separated groups make a telephone number, dates and decimals excepted.
  const grouped = /[\s()-]/.test(text) && !/^\d{4}-\d{1,2}-\d{1,2}/.test(text) && !/^\d{1,2}-\d{1,2}-\d{4}/.test(text)
  return text.startsWith('+') || grouped || digits >= 9
}

/** Two to six capitalised words, titles and initials among them. */
function isPersonName(text: string): boolean {
  const words = text.split(/[\s,]+/).filter(Boolean)
  const capitalised = words.filter((word) => /^[("'“]*\p{Lu}[\p{L}'.-]*[)"'”]*$/u.test(word)).length
  return words.length <= 14 && capitalised >= 1 && capitalised / words.length >= 0.6
}
