import { describe, expect, it } from 'vitest'
import { frameOf, type SemanticType } from '../data/index.ts'
import { findPersonalData } from './personal-data.ts'

function kindsOf(columns: Record<string, readonly (string | number)[]>, type: SemanticType = 'category') {
  const schema = {
    columns: Object.keys(columns).map((name) => ({
      name,
      type,
      tensor: 'string' as const,
      nullable: true,
      evidence: '',
    })),
  }
  return findPersonalData(schema, frameOf(columns))
}
const repeated = <T>(values: readonly T[]): T[] => values.concat(values)

describe('findPersonalData', () => {
  // Card numbers are the networks' published test numbers; IBANs are the examples of the SWIFT registry.
  it.each([
    ['contact', ['ada@example.org', 'bob.b@example.com', 'c+d@mail.example.net'], 'e-mail address'],
    ['payment', ['4111 1111 1111 1111', '5555-5555-5555-4444', '378282246310005'], 'payment card number'],
    ['account', ['GB29 NWBK 6016 1331 9268 19', 'DE89370400440532013000', 'FR1420041010050500013M02606'], 'IBAN'],
    ['number', ['123-45-6789', '078-05-1120', '219-09-9999'], 'national id'],
    ['reach', ['+1 (212) 555-0100', '+44 20 7946 0958', '+49 30 901820'], 'phone number'],
    ['source', ['192.168.0.1', '10.0.0.255', '8.8.8.8'], 'IP address'],
    ['passengerName', ['Braund, Mr. Owen', 'Cumings, Mrs. John', 'Heikkinen, Miss. Laina'], 'person name'],
    ['home_address', ['12 High Street', '3 Low Road', '99 Long Lane'], 'postal address'],
  ])('finds %s', (name, values, kind) => {
    const [suspect] = kindsOf({ [name]: repeated(values) })
    expect(suspect).toMatchObject({ column: name, kind })
    for (const value of values) expect(JSON.stringify(suspect)).not.toContain(value)
    expect(suspect!.masked).toMatch(/^[^A-WYZa-wyz1-9]*$/)
  })

  it.each([
    ['product', ['Red Shirt', 'Blue Hat', 'Green Sock']],
    ['iso', ['2020-01-01', '2021-02-03', '2022-11-30']],
    ['code', ['A12', 'B34', 'C56']],
    ['version', ['1.2.3', '10.0.1', '2.4.6']],
    ['card_like', ['4111111111111112', '4111111111111113', '4111111111111114']],
    ['email_opened', ['yes', 'no', 'maybe']],
  ])('does not take %s for it', (name, values) => expect(kindsOf({ [name]: repeated(values) })).toEqual([]))

  it('takes numbers for it only where the name says so, but cards by their check digit', () => {
    expect(kindsOf({ price: repeated([2125550100, 2125550101, 2125550102]) }, 'integer')).toEqual([])
    expect(kindsOf({ phone: repeated([2125550100, 2125550101, 2125550102]) }, 'integer')).toHaveLength(1)
    expect(kindsOf({ n: repeated([4111111111111111, 5555555555554444, 378282246310005]) }, 'integer')).toHaveLength(1)
  })
})
