/** Memory that kernels work on. It is shared memory even where one thread alone uses it, since the kernels are compiled for it. */
export interface KernelMemory {
  readonly buffer: SharedArrayBuffer;
}

interface Compiled {
  readonly compiled: true;
}

/** The part of the WebAssembly interface used here: the compiler's library declares it for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => Compiled;
  readonly Instance: new (
    module: Compiled,
    imports: { env: { memory: KernelMemory } },
  ) => { readonly exports: unknown };
};

const PAGE_BYTES = 65_536;
/** What a kernel can address. */
export const KERNEL_BYTES_MAX = 4_294_901_760;

const compiled = new Map<string, Compiled>();

/** Memory of at least so many bytes, all zero. */
export function kernelMemory(bytes: number): KernelMemory {
  const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** The functions of a kernel (`NAME.wasm.ts`) over that memory; compiled once a thread. `Functions` must be what its source exports. */
export function instantiateKernel<Functions>(base64: string, memory: KernelMemory): Functions {
  let module = compiled.get(base64);
  if (module === undefined) {
    module = new WebAssembly.Module(Uint8Array.fromBase64(base64));
    compiled.set(base64, module);
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Functions;
}
