/** Loaded when it is first used: the library is large, and most programs never ask for it. */
export async function library() {
  const [api, bindings] = await Promise.all([import('@duckdb/node-api'), import('@duckdb/node-bindings')]);
  return { api, bindings: bindings.default };
}
export type Library = Awaited<ReturnType<typeof library>>;
