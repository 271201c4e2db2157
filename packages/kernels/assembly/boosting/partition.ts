/**
 * Splits records by the bin of one feature: those that go left stay in place, in order; those that go right are
 * written to `scratch`, in order. Missing values (bin 255) go left where `missingLeft` is 1. Returns how many went left.
 * Each record is stored to both sides and one pointer advances: no branch, hence no misprediction.
 */
export function partitionRecords(
  column: usize,
  records: usize,
  count: u32,
  bin: u32,
  missingLeft: u32,
  scratch: usize,
): u32 {
  let left = records
  let right = scratch
  const end = records + (<usize>count << 3)
  // No byte equals 256: without missingLeft the second comparison always holds.
  const binThatStaysLeft: u32 = missingLeft ? 255 : 256
  for (let at = records; at < end; at += 8) {
    const record = load<u64>(at)
    const rowBin = <u32>load<u8>(column + <usize>(<u32>record))
    const goesRight = (<usize>(rowBin > bin) & <usize>(rowBin != binThatStaysLeft)) << 3
    store<u64>(left, record)
    store<u64>(right, record)
    right += goesRight
    left += 8 - goesRight
  }
  return <u32>((left - records) >> 3)
}

/** As partitionRecords, by a table: byte `bin` of `sides` is 1 where rows of that bin go right. */
export function partitionBySides(column: usize, records: usize, count: u32, sides: usize, scratch: usize): u32 {
  let left = records
  let right = scratch
  const end = records + (<usize>count << 3)
  for (let at = records; at < end; at += 8) {
    const record = load<u64>(at)
    const goesRight = <usize>load<u8>(sides + <usize>load<u8>(column + <usize>(<u32>record))) << 3
    store<u64>(left, record)
    store<u64>(right, record)
    right += goesRight
    left += 8 - goesRight
  }
  return <u32>((left - records) >> 3)
}
