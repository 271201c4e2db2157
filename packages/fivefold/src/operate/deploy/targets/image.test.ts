import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { planOf } from '../deploy-plan.test.fixture.ts'
import { imageFiles } from './image.ts'

function dockerfile(holdsModel: boolean): string {
  const file = imageFiles(planOf({ port: 9000 }), { holdsModel, modelPath: holdsModel ? 'model' : '/mnt/models' })[0]!
  if (file.kind !== 'text') throw new Error('the Dockerfile is a text')
  return file.text
}

describe.each([true, false])('the Dockerfile, with the model in the image: %s', (holdsModel) => {
  const text = dockerfile(holdsModel)
  const parsed = DockerfileParser.parse(text)
  const instructions = parsed.getInstructions().map((found) => [found.getKeyword(), found.getArgumentsContent() ?? ''])
  const of = (keyword: string): string[] => instructions.filter(([is]) => is === keyword).map(([, content]) => content!)

  it('has nothing that a linter warns of', () => {
    expect(validate(text)).toEqual([])
  })

  it('stands on one image, pinned to a release', () => {
    expect(of('ARG')).toEqual([expect.stringMatching(/^NODE_IMAGE=node:\d+\.\d+\.\d+-\w+-slim$/)])
    expect(of('FROM')).toEqual([`\${NODE_IMAGE} AS packages`, `\${NODE_IMAGE}`])
  })

  it('takes packages for production alone, and runs none of their scripts', () => {
    const installs = of('RUN').filter((step) => /npm (ci|install)/.test(step))
    expect(installs).toHaveLength(1)
    expect(installs[0]!.match(/npm (?:ci|install) --omit=dev --ignore-scripts/g)).toHaveLength(2)
  })

  it('runs without root, is asked for its health, and gets signals without a shell between', () => {
    expect(of('USER')).toEqual(['1000:1000'])
    expect(of('HEALTHCHECK')[0]).toContain('http://127.0.0.1:9000/readyz')
    expect(JSON.parse(of('CMD')[0]!)).toContain('9000')
    expect(of('EXPOSE')).toEqual(['9000'])
    expect(of('COPY').includes('model ./model')).toBe(holdsModel)
  })
})
