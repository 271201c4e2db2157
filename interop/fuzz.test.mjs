/** Requests made up from the description of the API, for some seconds; `node interop/fuzz.mjs --minutes 10` for long. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { DEFAULTS, fuzz, reason } from './fuzz.mjs'

if (reason) console.log(`SKIPPED: ${reason}`)

describe('a server with every protocol answers what schemathesis makes up', { skip: reason ?? false }, () => {
  for (const model of DEFAULTS)
    it(`as its description says, by default with ${model}`, async () => {
      const { passed, said } = await fuzz(model, { seconds: 15, seed: 7 })
      assert.ok(passed, said)
    })
})
