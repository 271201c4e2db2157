const ALIGNMENT = 128
/** Address 0 stands for 'none'. */
const FIRST_ADDRESS = 1024

/** Hands out addresses of a memory that is yet to be. */
export interface Arena {
  allocate(sizeBytes: number): number
  sizeBytes(): number
}

export function createArena(): Arena {
  let top = FIRST_ADDRESS
  return {
    allocate: (sizeBytes) => {
      const address = top
      top += Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT
      return address
    },
    sizeBytes: () => top,
  }
}
