import { describe, expect, it } from 'vitest'
import { unknownColumns } from './unknown-columns.ts'

describe('unknownColumns', () => {
  it('says what was probably meant', () => {
    const error = unknownColumns(['incmoe'], ['age', 'income'], 'a.csv')
    expect(error.message).toBe("a.csv: no column 'incmoe'; did you mean 'income'? There are: age, income")
    expect(error.issues).toEqual([{ path: ['columns', 'incmoe'], message: "not in the data; did you mean 'income'?" }])
  })

  it('lists what there is, up to fifty', () => {
    expect(unknownColumns(['x', 'y'], ['age']).message).toBe("no column 'x', 'y'; there are: age")
    const many = Array.from({ length: 60 }, (_, i) => `column ${i}`)
    expect(unknownColumns(['q'], many).message).toMatch(/column 49 and 10 more$/)
  })
})
