/** The part of the WebAssembly API in use: the types that Node's own package leaves to the browser's library. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Memory<Shared extends boolean = true> {
    constructor(descriptor: { initial: number; maximum: number; shared: Shared })
    readonly buffer: Shared extends true ? SharedArrayBuffer : ArrayBuffer
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory<boolean>>>)
    readonly exports: Readonly<Record<string, unknown>>
  }
}
