import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatS3Url, parseS3Url } from './s3-location.ts'

describe('the address of a place in S3', () => {
  it('names bucket, prefix, endpoint and region', () => {
    expect(parseS3Url('s3://models/team/a')).toEqual({ bucket: 'models', prefix: 'team/a/', pathStyle: false })
    expect(parseS3Url('s3://models?endpoint=http://127.0.0.1:9000&region=eu-central-1')).toEqual({
      bucket: 'models',
      prefix: '',
      endpoint: 'http://127.0.0.1:9000',
      region: 'eu-central-1',
      pathStyle: true,
    })
    expect(parseS3Url('s3://models/?endpoint=https://s3.example.com/&pathStyle=false').pathStyle).toBe(false)
  })

  it('is written in one way, from which the same is read', () => {
    const part = fc.stringMatching(/^[\w äß+%&=?#-]{1,12}$/).filter((text) => text.trim() === text)
    const location = fc.record(
      {
        bucket: fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/),
        prefix: fc.array(part, { maxLength: 3 }).map((parts) => parts.map((one) => `${one}/`).join('')),
        endpoint: fc.constantFrom('http://127.0.0.1:9000', 'https://minio.example.com'),
        region: fc.constantFrom('us-east-1', 'auto'),
        pathStyle: fc.boolean(),
      },
      { requiredKeys: ['bucket', 'prefix', 'pathStyle'] },
    )
    fc.assert(
      fc.property(location, (one) => {
        expect(parseS3Url(formatS3Url(one))).toEqual(one)
      }),
    )
  })

  it.each([
    's3://',
    's3://A b/x',
    's3://b',
    's3://models/a/%2e%2e%2fb',
    's3://models/x#y',
    's3://models?endpiont=http://x',
    's3://models?endpoint=x',
    's3://models?endpoint=ftp://x',
    's3://models?endpoint=http://x/path',
    's3://models?pathStyle=yes',
  ])('refuses %s', (url) => {
    expect(() => parseS3Url(url)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  it('repeats no password', () => {
    for (const url of ['s3://key:hush@models/x', 's3://models?endpoint=http://key:hush@127.0.0.1:9000']) {
      expect(() => parseS3Url(url)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
      expect(() => parseS3Url(url)).not.toThrow(/hush/)
    }
  })
})
