import { describe, expect, it } from 'vitest'
import { BUNDLE } from './deploy-plan.test.fixture.ts'
import { planDeployment } from './plan-deployment.ts'

describe('planDeployment', () => {
  it('takes names, columns and an example from the bundle', async () => {
    const plan = await planDeployment({ bundle: BUNDLE, version: '7' })
    expect(plan).toMatchObject({ name: 'example', port: 8080, replicas: 2, cpuMillis: 1000, memoryMib: 1024 })
    expect(plan.image).toBe(`example:7-${plan.model.digest.slice(0, 12)}`)
    expect(plan.model.columns.map(({ name }) => name)).toEqual(['age', 'children', 'member', "town's name"])
    expect(plan.model.exampleRow).toEqual({ age: 40, children: 1, member: true, "town's name": 'Ulm' })
  })

  it.each([
    ['500m', 500],
    ['0.25', 250],
    ['4', 4000],
  ])('reads %s of a processor', async (cpu, millis) => {
    expect((await planDeployment({ bundle: BUNDLE, cpu })).cpuMillis).toBe(millis)
  })

  it.each([
    ['512Mi', 512],
    ['1.5Gi', 1536],
  ])('reads %s of memory', async (memory, mebibytes) => {
    expect((await planDeployment({ bundle: BUNDLE, memory })).memoryMib).toBe(mebibytes)
  })

  it.each([
    { name: 'Customers' },
    { name: 'a\nb' },
    { name: '-a' },
    { version: '1"' },
    { version: '$(reboot)' },
    { image: 'a b' },
    { image: 'a:1\nRUN reboot' },
    { image: 'https://a/b' },
    { port: 80 },
    { port: 70_000 },
    { replicas: 0 },
    { cpu: '0' },
    { cpu: '1 core' },
    { memory: '1G' },
    { memory: '64Mi' },
    { storageUri: 'bucket/model' },
    { storageUri: 's3://a b' },
    { package: 'nothing-here.tgz' },
  ])('refuses $name$version$image$port$replicas$cpu$memory$storageUri$package', async (options) => {
    await expect(planDeployment({ bundle: BUNDLE, ...options })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it.each([
    'model',
    'registry.example.com:5000/team/customers:3',
    'customers@sha256:0123456789012345678901234567890123456789012345678901234567890123',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/customers:v1.0_a',
  ])('takes the image %s', async (image) => {
    expect((await planDeployment({ bundle: BUNDLE, image })).image).toBe(image)
  })

  it('says which folder holds no bundle', async () => {
    await expect(planDeployment({ bundle: '/nowhere' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})
