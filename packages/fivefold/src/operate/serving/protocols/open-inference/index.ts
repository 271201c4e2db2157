export { addOpenInference } from './open-inference.ts'
