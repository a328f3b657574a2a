/** A WebAssembly memory that threads share: it may be sent to another thread. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Adds pages of 64 KB; views made before stay valid for what they covered. */
  grow(pages: number): number;
}

/** What of WebAssembly's programming interface kernels need; TypeScript declares it only along with a browser's whole document. */
interface Platform {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => SharedMemory;
}

export const platform = Reflect.get(globalThis, 'WebAssembly') as Platform;
