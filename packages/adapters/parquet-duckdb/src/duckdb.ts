import type { DuckDBConnection, DuckDBInstance, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { err, ok, parseDecimal, rescale, type Result } from '@monsta/core';
import { bytesOf, ColumnReader, encode, withoutNull, type ColumnSpec } from './columns.ts';
import { library, type Library } from './library.ts';
import { Repacker } from './repacker.ts';
import { quoted, StoredTable } from './stored-table.ts';
import type { TableColumn } from './table-column.ts';

export interface DuckDbOptions {
  /** The most memory that DuckDB takes for itself. */
  readonly memoryMaxMb: number;
  readonly threads: number;
}

/** Of `rewriteFiles`. */
export interface RewriteOptions {
  /** Brings rows into the order of a column, each once; null: as they lie in the files. */
  readonly orderBy: string | null;
  /** Rows of which a column of times is at or after one alone; null: all. */
  readonly from: { readonly column: string; readonly ms: number } | null;
}

const parquet = (files: readonly string[]): string =>
  `read_parquet([${files.map(quoted).join(', ')}], hive_partitioning = false)`;
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** What DuckDB says as a fault: a file that has gone can be asked for again; one that can't be understood is damaged. */
function faultOf(thrown: unknown): Result<never> {
  const message = messageOf(thrown);
  if (/Out of Memory/i.test(message))
    return err('parquet_memory', `DuckDB needs more memory than it may take: ${message}`);
  if (/^INTERRUPT/i.test(message))
    return err('parquet_unavailable', 'it was cut off', { retry: 'retryable', cause: thrown });
  if (/No files found|Cannot open file|No such file|IO Error/i.test(message))
    return err('parquet_unavailable', message, { retry: 'retryable', cause: thrown });
  return err('parquet_damaged', `a Parquet file can't be read: ${message}`, { cause: thrown });
}

/** What is read ahead of whoever takes it. */
const STREAMING_BUFFER = '8MB';

/** Unicode's unit separator, which no number, time or name has in it. */
const CELL_END = '\u001F';

/** One DuckDB in memory, of which each call takes a connection of its own. It never looks for anything on the network. */
export class DuckDb {
  readonly #options: DuckDbOptions;
  readonly #connections = new Set<DuckDBConnection>();
  readonly #atWork = new Set<Promise<unknown>>();
  #closed = false;
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

  #connected<T>(work: (connection: DuckDBConnection, lib: Library) => Promise<Result<T>>): Promise<Result<T>> {
    if (this.#closed) return Promise.resolve(err('parquet_unavailable', 'it was closed'));
    const done = this.#connectedNow(work);
    this.#atWork.add(done);
    void done.finally(() => this.#atWork.delete(done));
    return done;
  }

  async #connectedNow<T>(work: (connection: DuckDBConnection, lib: Library) => Promise<Result<T>>): Promise<Result<T>> {
    try {
      const { lib, instance } = await this.#open();
      const connection = await instance.connect();
      this.#connections.add(connection);
      try {
        return await work(connection, lib);
      } finally {
        this.#connections.delete(connection);
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
      const names = specs.map(withoutNull).join(', ');
      const order = orderBy === null ? '' : ` ORDER BY ${orderBy}`;
      const sql = `SELECT ${names} FROM ${rowsOf(files, specs)}${order}`;
      await connection.run(`SET streaming_buffer_size = '${STREAMING_BUFFER}'`);
      const result = await connection.stream(sql);
      const wrong = specs.find(({ type }, index) => String(result.columnType(index)) !== type);
      if (wrong !== undefined)
        return err('parquet_damaged', `the column ${wrong.name} of ${files[0] ?? ''} is not of type ${wrong.type}`);
      const shared = { finest: 1e8 };
      const readers = specs.map((spec, index) => new ColumnReader(spec, targets[index] ?? new Float64Array(0), shared));
      const room = targets[0]?.length ?? 0;
      let rows = 0;
      // The next chunk is on its way while this one is taken.
      let coming = result.fetchChunk();
      for (;;) {
        const chunk = await coming;
        if (chunk === null || chunk.rowCount === 0) return ok({ rows, finest: shared.finest });
        coming = result.fetchChunk();
        const count = chunk.rowCount;
        if (rows + count > room) {
          await coming;
          return err('parquet_damaged', `${files.length} files hold more rows than their names say, ${room}`);
        }
        let index = 0;
        for (const reader of readers) {
          const vector = bindings.data_chunk_get_vector(chunk.chunk, index);
          const taken = reader.take(bindings.vector_get_data(vector, count * bytesOf(reader.spec.type)), rows, count);
          if (!taken.ok) {
            await coming;
            return taken;
          }
          index += 1;
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
    metadata: Readonly<Record<string, string>>,
  ): Promise<Result<null>> {
    return this.#connected(async (connection, lib) => {
      const rows = values[0]?.length ?? 0;
      const size = lib.bindings.vector_size();
      const stored = await StoredTable.create(connection, lib, specs);
      for (let row = 0; row < rows; row += size) {
        const count = Math.min(size, rows - row);
        stored.append(
          specs.map((spec, index) => new Uint8Array(encode(spec, values[index] ?? new Float64Array(0), row, count))),
          count,
        );
      }
      await stored.writeTo(path, metadata);
      return ok(null);
    });
  }

  /** Writes the rows of several Parquet files, one file after the other, as one: the same bytes as if they had been written as columns. Returns how many there are. */
  rewriteFiles(
    path: string,
    files: readonly string[],
    specs: readonly ColumnSpec[],
    metadata: Readonly<Record<string, string>>,
    which: RewriteOptions,
  ): Promise<Result<number>> {
    return this.#connected((from, { bindings }) =>
      this.#connectedNow(async (to, lib) => {
        const result = await from.stream(rewriteQuery(files, specs, which));
        const wrong = specs.find(({ type }, index) => String(result.columnType(index)) !== type);
        if (wrong !== undefined)
          return err('parquet_damaged', `the column ${wrong.name} of ${files[0] ?? ''} is not of type ${wrong.type}`);
        const stored = await StoredTable.create(to, lib, specs);
        const packer = new Repacker(
          specs.map(({ type }) => bytesOf(type)),
          bindings.vector_size(),
          (columns, count) => stored.append(columns, count),
        );
        for (;;) {
          const chunk = await result.fetchChunk();
          if (chunk === null || chunk.rowCount === 0) break;
          const count = chunk.rowCount;
          packer.take(
            specs.map(({ type }, index) =>
              bindings.vector_get_data(bindings.data_chunk_get_vector(chunk.chunk, index), count * bytesOf(type)),
            ),
            count,
          );
        }
        const rows = packer.end();
        await stored.writeTo(path, metadata);
        return ok(rows);
      }),
    );
  }

  /** The columns of a Parquet file, as DuckDB calls their types. */
  describe(path: string): Promise<Result<readonly { readonly name: string; readonly type: string }[]>> {
    return this.#connected(async (connection) => {
      const reader = await connection.runAndReadAll(
        `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${quoted(path)}, hive_partitioning = false))`,
      );
      return ok(reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) })));
    });
  }

  /** Gives every row of a file as text, of each column what its SQL expression says; null is empty. A fault of `take` ends it. */
  eachTextRow(
    path: string,
    expressions: readonly string[],
    take: (cells: readonly string[]) => Result<null>,
  ): Promise<Result<null>> {
    return this.#connected(async (connection) => {
      // Each text that is taken out of DuckDB costs a microsecond or more: one of the whole row, and not one a cell.
      const columns = expressions.map((expression) => `coalesce(CAST(${expression} AS VARCHAR), '')`).join(', ');
      const result = await connection.stream(
        `SELECT concat_ws(chr(${CELL_END.charCodeAt(0)}), ${columns}) FROM read_parquet(${quoted(path)}, hive_partitioning = false)`,
      );
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return ok(null);
        for (const [row] of chunk.getRows()) {
          const taken = take(String(row).split(CELL_END));
          if (!taken.ok) return taken;
        }
      }
    });
  }

  /** Writes a table of results as one Parquet file. Fault `table_decimal`: text that is no decimal number, or is finer than 10^-18. */
  writeTable(path: string, columns: readonly TableColumn[]): Promise<Result<null>> {
    return this.#connected(async (connection, { api, bindings }) => {
      const types = columns.map(({ kind }) => TABLE_TYPES[kind]);
      const declared = columns.map(({ name }, index) => `${identifier(name)} ${types[index]?.sql ?? ''}`);
      await connection.run(`CREATE TEMP TABLE results (${declared.join(', ')})`);
      const appender = await connection.createAppender('results');
      const rows = columns[0]?.values.length ?? 0;
      const size = bindings.vector_size();
      for (let from = 0; from < rows; from += size) {
        const count = Math.min(size, rows - from);
        const chunk = api.DuckDBDataChunk.create(
          types.map((type) => type.of(api)),
          count,
        );
        for (const [index, column] of columns.entries()) {
          const values = tableValues(api, column, from, count);
          if (!values.ok) return values;
          chunk.setColumnValues(index, values.value);
        }
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
      appender.closeSync();
      await connection.run(`COPY results TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd)`);
      return ok(null);
    });
  }

  /** Cuts off what is under way, and lets nothing else begin: it ends with a fault. */
  interrupt(): void {
    this.#closed = true;
    for (const connection of this.#connections) connection.interrupt();
  }

  /** Lets what is under way end, and begins nothing else: a library that is closed at work takes the process with it. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#atWork.size > 0) await Promise.all(this.#atWork);
    const opened = await this.#opened?.catch(() => null);
    opened?.instance.closeSync();
    this.#opened = null;
  }
}

/** The rows of files, some or all of which may lack the columns that may be NULL. */
function rowsOf(files: readonly string[], specs: readonly ColumnSpec[]): string {
  const nullable = specs.filter((spec) => spec.nullable === true);
  if (nullable.length === 0) return parquet(files);
  const none = nullable.map(({ name, type }) => `NULL::${type} AS ${name}`).join(', ');
  const union = `read_parquet([${files.map(quoted).join(', ')}], hive_partitioning = false, union_by_name = true)`;
  return `(FROM ${union} UNION ALL BY NAME SELECT ${none} WHERE false)`;
}

function rewriteQuery(
  files: readonly string[],
  specs: readonly ColumnSpec[],
  { orderBy, from }: RewriteOptions,
): string {
  const day = from === null ? '' : new Date(from.ms).toISOString().replace('Z', '+00');
  const where = from === null ? '' : ` WHERE ${from.column} >= TIMESTAMPTZ '${day}'`;
  const rows = `${rowsOf(files, specs)}${where}`;
  if (orderBy === null) return `SELECT ${specs.map(withoutNull).join(', ')} FROM ${rows}`;
  // Of a row that is there twice, what one of them does not know the other may.
  const known = specs.map(({ name, nullable }) => (nullable === true ? `max(${name}) AS ${name}` : name)).join(', ');
  const same = specs.flatMap(({ name, nullable }) => (nullable === true ? [] : [name])).join(', ');
  const distinct = `(SELECT ${known} FROM ${rows} GROUP BY ${same})`;
  return `SELECT ${specs.map(withoutNull).join(', ')} FROM ${distinct} ORDER BY ${orderBy}`;
}

/** Money has at most eighteen digits behind the point. */
const DECIMAL_SCALE = 18;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const TABLE_TYPES: Readonly<
  Record<TableColumn['kind'], { readonly sql: string; readonly of: (api: Library['api']) => DuckDBType }>
> = {
  text: { sql: 'VARCHAR', of: (api) => api.VARCHAR },
  decimal: { sql: `DECIMAL(38,${DECIMAL_SCALE})`, of: (api) => api.DECIMAL(38, DECIMAL_SCALE) },
  integer: { sql: 'BIGINT', of: (api) => api.BIGINT },
  number: { sql: 'DOUBLE', of: (api) => api.DOUBLE },
  boolean: { sql: 'BOOLEAN', of: (api) => api.BOOLEAN },
};

function tableValues(api: Library['api'], column: TableColumn, from: number, count: number): Result<DuckDBValue[]> {
  const values: DuckDBValue[] = [];
  for (let row = from; row < from + count; row += 1) {
    const value = column.values[row] ?? null;
    if (value === null || Number.isNaN(value)) values.push(null);
    else if (column.kind === 'integer') values.push(BigInt(value));
    else if (column.kind === 'decimal') {
      const parsed = parseDecimal(String(value));
      if (!parsed.ok) return err('table_decimal', `${column.name}: ${parsed.fault.message}`);
      const units = rescale(parsed.value, DECIMAL_SCALE);
      if (!units.ok) return err('table_decimal', `${column.name}: ${units.fault.message}`);
      values.push(new api.DuckDBDecimalValue(units.value, 38, DECIMAL_SCALE));
    } else values.push(value);
  }
  return ok(values);
}
