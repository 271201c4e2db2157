import { pythonWith } from '../boosting/python.mjs'

/** An interpreter with PyTorch and scikit-learn, or undefined after a message that says why there is none. */
export const findPython = pythonWith(new URL('requirements.txt', import.meta.url), 'PyTorch and scikit-learn')
