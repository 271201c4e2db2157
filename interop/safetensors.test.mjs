/** Tensors written here in the format's own library, and the other way; a checkpoint's weights in PyTorch's reader. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { python, workFolder } from './harness.mjs'

const dist = join(process.env.FIVEFOLD_REPOSITORY, 'packages/fivefold/dist/engines/neural/checkpoint/index.js')
const { decodeCheckpoint, encodeCheckpoint, readSafetensors, toHalves, writeSafetensors } = await import(
  pathToFileURL(dist).href
)

const values = Float32Array.of(1.5, -2, 3e-5, 1e6, 0, 1 / 3)
const tensor = (type, data, shape = [data.length]) => ({ type, shape, data })
const TENSORS = new Map([
  ['10', tensor('F32', values, [2, 3])],
  ['9', tensor('F64', Float64Array.from(values), [3, 1, 2])],
  ['half', tensor('F16', toHalves('F16', values))],
  ['bfloat', tensor('BF16', toHalves('BF16', values))],
  ['long', tensor('I64', BigInt64Array.of(-1n, 2n ** 62n))],
  ['unsigned long', tensor('U64', BigUint64Array.of(2n ** 64n - 1n))],
  ['int', tensor('I32', Int32Array.of(-5))],
  ['unsigned int', tensor('U32', Uint32Array.of(5))],
  ['short', tensor('I16', Int16Array.of(-3, 4, 5))],
  ['unsigned short', tensor('U16', Uint16Array.of(65_535))],
  ['tiny', tensor('I8', Int8Array.of(-128))],
  ['byte "\n é', tensor('U8', Uint8Array.of(1, 2, 3))],
  ['truth', tensor('BOOL', Uint8Array.of(1, 0, 1))],
  ['scalar', tensor('F32', Float32Array.of(7), [])],
  ['nothing', tensor('F32', new Float32Array(), [0, 4])],
])

const hex = ({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')

function throughPython(bytes) {
  const folder = workFolder()
  writeFileSync(join(folder, 'ours.safetensors'), bytes)
  const read = python('check_safetensors.py', [folder])
  return { ...read, theirs: readFileSync(join(folder, 'theirs.safetensors')) }
}

describe('safetensors', () => {
  for (const metadata of [{}, { format: 'pt "\n é' }])
    it(`are read by the format's library, which writes the same bytes, with metadata ${JSON.stringify(metadata)}`, () => {
      const bytes = writeSafetensors({ tensors: TENSORS, metadata })
      const { version, tensors, theirs, metadata: read } = throughPython(bytes)
      assert.deepEqual(read ?? {}, metadata)
      assert.equal(Object.keys(tensors).length, TENSORS.size)
      for (const [name, expected] of TENSORS)
        assert.deepEqual(tensors[name], { type: expected.type, shape: expected.shape, bytes: hex(expected) }, name)
      assert.deepEqual(Buffer.from(bytes), theirs)
      assert.deepEqual(readSafetensors(theirs).tensors, readSafetensors(bytes).tensors)
      console.log(`${TENSORS.size} tensors, safetensors ${version}`)
    })

  it('that are checkpoints open there too', () => {
    const checkpoint = {
      ...{ step: 3, epoch: 1, positionInEpoch: 0, seed: 7, history: [], details: {} },
      parameters: new Map([['layer.weight', { shape: [2, 3], values }]]),
      optimizers: { adamw: { tensors: { 'firstMoment/layer.weight': values }, updateCounts: { 'layer.weight': 3 } } },
    }
    const { tensors, metadata, theirs } = throughPython(encodeCheckpoint(checkpoint))
    assert.deepEqual(tensors['parameters/layer.weight'], { type: 'F32', shape: [2, 3], bytes: hex({ data: values }) })
    assert.equal(metadata.format, 'fivefold.checkpoint')
    assert.deepEqual(decodeCheckpoint(theirs), checkpoint)
  })
})
