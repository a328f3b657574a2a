import type { DuckDBAppender, DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { withNull, type ColumnSpec, type StoredType } from './columns.ts';
import type { Library } from './library.ts';

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function typeOf(api: Library['api'], type: StoredType): DuckDBType {
  switch (type) {
    case 'TIMESTAMP WITH TIME ZONE':
      return api.TIMESTAMPTZ;
    case 'DECIMAL(18,8)':
      return api.DECIMAL(18, 8);
    case 'DECIMAL(38,8)':
      return api.DECIMAL(38, 8);
    case 'BIGINT':
      return api.BIGINT;
    case 'BOOLEAN':
      return api.BOOLEAN;
  }
}

function copyOptions(metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${quoted(value)}`);
  return `FORMAT parquet, COMPRESSION zstd, KV_METADATA {${pairs.join(', ')}}`;
}

/** Rows on their way into a Parquet file: a table of its connection's own, appended as DuckDB holds values. */
export class StoredTable {
  readonly #connection: DuckDBConnection;
  readonly #lib: Library;
  readonly #specs: readonly ColumnSpec[];
  readonly #types: readonly DuckDBType[];
  readonly #appender: DuckDBAppender;

  private constructor(
    connection: DuckDBConnection,
    lib: Library,
    specs: readonly ColumnSpec[],
    types: readonly DuckDBType[],
    appender: DuckDBAppender,
  ) {
    this.#connection = connection;
    this.#lib = lib;
    this.#specs = specs;
    this.#types = types;
    this.#appender = appender;
  }

  static async create(connection: DuckDBConnection, lib: Library, specs: readonly ColumnSpec[]): Promise<StoredTable> {
    const columns = specs.map(({ name, type }) => `${name} ${type} NOT NULL`).join(', ');
    await connection.run(`CREATE TEMP TABLE stored (${columns})`);
    const types = specs.map(({ type }) => typeOf(lib.api, type));
    return new StoredTable(connection, lib, specs, types, await connection.createAppender('stored'));
  }

  /** Appends a chunk: of each column its values' bytes. At most as many rows as a vector has. */
  append(columns: readonly Uint8Array<ArrayBuffer>[], count: number): void {
    const { api, bindings } = this.#lib;
    const chunk = api.DuckDBDataChunk.create(this.#types, count);
    for (const [index, bytes] of columns.entries()) {
      const vector = bindings.data_chunk_get_vector(chunk.chunk, index);
      bindings.copy_data_to_vector(vector, 0, bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#appender.appendDataChunk(chunk);
  }

  async writeTo(path: string, metadata: Readonly<Record<string, string>>): Promise<void> {
    this.#appender.flushSync();
    this.#appender.closeSync();
    const columns = this.#specs.map(withNull).join(', ');
    await this.#connection.run(`COPY (SELECT ${columns} FROM stored) TO ${quoted(path)} (${copyOptions(metadata)})`);
    await this.#connection.run('DROP TABLE stored');
  }
}
