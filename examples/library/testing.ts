import { estimatorContract } from 'fivefold/testing'
import { nearestMean } from './nearest-mean.ts'

// In a test file: for (const { name, check } of estimatorContract) it(name, () => check(nearestMean))
for (const { name, check } of estimatorContract) {
  await check(nearestMean)
  console.log(`ok ${name}`)
}
