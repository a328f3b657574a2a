import type { DuckDBConnection, DuckDBInstance, DuckDBType } from '@duckdb/node-api';
import { err, ok, type Result } from '@monsta/core';
import { bytesOf, ColumnReader, encode, type ColumnSpec, type StoredType } from './columns.ts';

export interface DuckDbOptions {
  /** The most memory that DuckDB takes for itself. */
  readonly memoryMaxMb: number;
  readonly threads: number;
}

/** Loaded when it is first used: the library is large, and most programs never ask for it. */
async function library() {
  const [api, bindings] = await Promise.all([import('@duckdb/node-api'), import('@duckdb/node-bindings')]);
  return { api, bindings: bindings.default };
}
type Library = Awaited<ReturnType<typeof library>>;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** What DuckDB says as a fault: a file that has gone can be asked for again; one that can't be understood is damaged. */
function faultOf(thrown: unknown): Result<never> {
  const message = messageOf(thrown);
  if (/Out of Memory/i.test(message))
    return err('catalog_memory', `DuckDB needs more memory than catalog.memory_max_mb allows: ${message}`);
  if (/No files found|Cannot open file|No such file|IO Error/i.test(message))
    return err('catalog_unavailable', message, { retry: 'retryable', cause: thrown });
  return err('catalog_damaged', `a Parquet file can't be read: ${message}`, { cause: thrown });
}

/** One DuckDB in memory, of which each call takes a connection of its own. It never looks for anything on the network. */
export class DuckDb {
  readonly #options: DuckDbOptions;
  #opened: Promise<{ readonly lib: Library; readonly instance: DuckDBInstance }> | null = null;

  constructor(options: DuckDbOptions) {
    this.#options = options;
  }

  #open(): Promise<{ readonly lib: Library; readonly instance: DuckDBInstance }> {
    this.#opened ??= (async () => {
      const lib = await library();
      const instance = await lib.api.DuckDBInstance.create(':memory:', {
        memory_limit: `${this.#options.memoryMaxMb}MB`,
        threads: String(this.#options.threads),
        autoload_known_extensions: 'false',
        autoinstall_known_extensions: 'false',
        temp_directory: '',
      });
      return { lib, instance };
    })();
    return this.#opened;
  }

  async #connected<T>(work: (connection: DuckDBConnection, lib: Library) => Promise<Result<T>>): Promise<Result<T>> {
    try {
      const { lib, instance } = await this.#open();
      const connection = await instance.connect();
      try {
        return await work(connection, lib);
      } finally {
        connection.closeSync();
      }
    } catch (thrown) {
      return faultOf(thrown);
    }
  }

  /**
   * Reads columns of Parquet files, one file after the other, or by `orderBy`, into `targets`, which have room for all rows. Returns how many there were, and the power of ten that all values
   * without a factor are multiples of.
   */
  readColumns(
    files: readonly string[],
    specs: readonly ColumnSpec[],
    orderBy: string | null,
    targets: readonly Float64Array[],
  ): Promise<Result<{ readonly rows: number; readonly finest: number }>> {
    return this.#connected(async (connection, { bindings }) => {
      const names = specs.map(({ name }) => name).join(', ');
      const order = orderBy === null ? '' : ` ORDER BY ${orderBy}`;
      const sql = `SELECT ${names} FROM read_parquet([${files.map(quoted).join(', ')}], hive_partitioning = false)${order}`;
      const result = await connection.stream(sql);
      const wrong = specs.find(({ type }, index) => String(result.columnType(index)) !== type);
      if (wrong !== undefined)
        return err('catalog_damaged', `the column ${wrong.name} of ${files[0] ?? ''} is not of type ${wrong.type}`);
      const shared = { finest: 1e8 };
      const readers = specs.map((spec, index) => new ColumnReader(spec, targets[index] ?? new Float64Array(0), shared));
      const room = targets[0]?.length ?? 0;
      let rows = 0;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return ok({ rows, finest: shared.finest });
        const count = chunk.rowCount;
        if (rows + count > room)
          return err('catalog_damaged', `${files.length} files hold more rows than their names say, ${room}`);
        for (const [index, reader] of readers.entries()) {
          const vector = bindings.data_chunk_get_vector(chunk.chunk, index);
          const taken = reader.take(bindings.vector_get_data(vector, count * bytesOf(reader.spec.type)), rows, count);
          if (!taken.ok) return taken;
        }
        rows += count;
      }
    });
  }

  /** Writes columns as one Parquet file. */
  writeColumns(
    path: string,
    specs: readonly ColumnSpec[],
    values: readonly Float64Array[],
    from: number,
    to: number,
    metadata: Readonly<Record<string, string>>,
  ): Promise<Result<null>> {
    return this.#connected(async (connection, { api, bindings }) => {
      await connection.run(
        `CREATE TEMP TABLE stored (${specs.map(({ name, type }) => `${name} ${type} NOT NULL`).join(', ')})`,
      );
      const appender = await connection.createAppender('stored');
      const types = specs.map(({ type }) => typeOf(api, type));
      const size = bindings.vector_size();
      for (let row = from; row < to; row += size) {
        const count = Math.min(size, to - row);
        const chunk = api.DuckDBDataChunk.create(types, count);
        for (const [index, spec] of specs.entries()) {
          const buffer = encode(spec, values[index] ?? new Float64Array(0), row, count);
          const vector = bindings.data_chunk_get_vector(chunk.chunk, index);
          bindings.copy_data_to_vector(vector, 0, buffer, 0, buffer.byteLength);
        }
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
      appender.closeSync();
      await connection.run(`COPY stored TO ${quoted(path)} (${copyOptions(metadata)})`);
      await connection.run('DROP TABLE stored');
      return ok(null);
    });
  }

  /** Writes all rows of several Parquet files as one, in order, each row once. Returns how many there are. */
  mergeFiles(
    path: string,
    files: readonly string[],
    specs: readonly ColumnSpec[],
    orderBy: string,
    metadata: Readonly<Record<string, string>>,
  ): Promise<Result<number>> {
    return this.#connected(async (connection) => {
      const names = specs.map(({ name }) => name).join(', ');
      const result = await connection.run(
        `COPY (SELECT DISTINCT ${names} FROM read_parquet([${files.map(quoted).join(', ')}], hive_partitioning = false) ORDER BY ${orderBy}) TO ${quoted(path)} (${copyOptions(metadata)})`,
      );
      return ok(result.rowsChanged);
    });
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    opened?.instance.closeSync();
    this.#opened = null;
  }
}

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
