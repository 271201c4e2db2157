/**
 * Training, validation and test rows from pixels and labels of the official split. The last rows of the training part are the
 * validation rows, so what comes in must not be sorted by class.
 *
 * @param rows training rows, instead of all
 */
export function imageParts(train, test, { shape, validationRows, rows }) {
  const size = shape.reduce((product, length) => product * length, 1)
  const part = ({ pixels, labels }, from, to) => ({
    count: to - from,
    fields: {
      image: { data: pixels.subarray(from * size, to * size), shape, type: 'float32' },
      label: { data: BigInt64Array.from(labels.subarray(from, to), BigInt) },
    },
  })
  const trainRows = train.labels.length - validationRows
  return {
    train: part(train, 0, Math.min(trainRows, rows ?? trainRows)),
    validation: part(train, trainRows, train.labels.length),
    test: part(test, 0, test.labels.length),
  }
}
