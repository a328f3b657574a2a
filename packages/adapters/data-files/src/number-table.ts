import { err, ok, type Result } from '@monsta/core';
import { eachChunk } from './data-file.ts';
import { NumberCell } from './number-cell.ts';
import { withoutMark } from './rows.ts';
import { TableRows, tableCellText, type TableCells } from './table-rows.ts';

/** Columns of a table that are wanted, in groups: each becomes an array of its own. Columns in no group are not looked at. */
export type ColumnGroups = readonly (readonly number[])[];

/** Numbers of a table. */
export interface NumberTable {
  /** Names of all columns, also of those that nobody wanted. */
  readonly names: readonly string[];
  readonly rows: number;
  /** For each group its values, row after row; NaN where a cell is empty or says that the value is missing. */
  readonly groups: readonly Float64Array[];
  /** Line of the file that each row begins in. */
  readonly lines: Float64Array;
}

/** 16 GB of text; what is kept of it is bounded by `CELLS_MAX`. */
const BYTES_MAX = 16e9;
/** 2 GB as doubles. */
const CELLS_MAX = 1 << 28;
const BLOCK_ROWS = 4_096;
const TEXT_SHOWN = 40;

/** Rows of one group, in blocks, so that nothing is copied while the table grows. */
class Blocks {
  readonly columns: readonly number[];
  readonly #blocks: Float64Array[] = [];

  constructor(columns: readonly number[]) {
    this.columns = columns;
  }

  /** The block of a row, and where in it the row begins. */
  blockOf(row: number): Float64Array {
    const index = Math.floor(row / BLOCK_ROWS);
    let block = this.#blocks[index];
    if (block === undefined) {
      block = new Float64Array(BLOCK_ROWS * this.columns.length);
      this.#blocks.push(block);
    }
    return block;
  }

  joined(rows: number): Float64Array {
    const width = this.columns.length;
    const values = new Float64Array(rows * width);
    for (let index = 0; index < this.#blocks.length; index += 1) {
      const from = index * BLOCK_ROWS;
      const block = this.#blocks[index];
      if (block !== undefined)
        values.set(block.subarray(0, (Math.min(rows, from + BLOCK_ROWS) - from) * width), from * width);
      // What is copied is let go, so that no more than one block is held twice.
      this.#blocks[index] = new Float64Array(0);
    }
    return values;
  }
}

const shown = (text: string): string => (text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text);

function namesOf(cells: TableCells): Result<readonly string[]> {
  const names = Array.from({ length: cells.count }, (_, index) => tableCellText(cells, index));
  const blank = names.indexOf('');
  if (blank !== -1)
    return err(
      'header',
      `column ${blank + 1} of the header has no name: give it one, or leave the column out (an index that pandas wrote: to_csv(…, index=False))`,
    );
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return err('header', `two columns are called '${name}': rename one`);
    seen.add(name);
  }
  return ok(names);
}

class TableReader {
  readonly #choose: (names: readonly string[]) => Result<ColumnGroups>;
  readonly #cell = new NumberCell();
  #groups: readonly Blocks[] = [];
  #wanted = 0;
  readonly #lines = new Blocks([0]);
  names: readonly string[] = [];
  rows = 0;
  line = 0;
  /** What made the reading end is a fault of `choose`, which is told as it is. */
  refused = false;

  constructor(choose: (names: readonly string[]) => Result<ColumnGroups>) {
    this.#choose = choose;
  }

  readonly take = (cells: TableCells): Result<null> => {
    this.line = cells.line;
    return this.names.length === 0 ? this.#header(cells) : this.#row(cells);
  };

  table(): NumberTable {
    const groups = this.#groups.map((group) => group.joined(this.rows));
    return { names: this.names, rows: this.rows, groups, lines: this.#lines.joined(this.rows) };
  }

  #header(cells: TableCells): Result<null> {
    const names = namesOf(cells);
    if (!names.ok) return names;
    const chosen = this.#choose(names.value);
    if (!chosen.ok) {
      this.refused = true;
      return chosen;
    }
    this.names = names.value;
    this.#groups = chosen.value.map((columns) => new Blocks(columns));
    this.#wanted = Math.max(1, chosen.value.flat().length);
    return ok(null);
  }

  #row(cells: TableCells): Result<null> {
    const { count } = cells;
    if (count !== this.names.length)
      return err('ragged', `the row has ${count} cells, and the header ${this.names.length}: every row needs all`);
    if ((this.rows + 1) * this.#wanted > CELLS_MAX)
      return err('too_large', `more than ${CELLS_MAX} cells can't be held: leave out columns or rows`);
    const inBlock = this.rows % BLOCK_ROWS;
    for (const group of this.#groups) {
      const block = group.blockOf(this.rows);
      const { columns } = group;
      const offset = inBlock * columns.length;
      for (let index = 0; index < columns.length; index += 1) {
        const column = columns[index] as number;
        if (!this.#cell.read(cells.bytes, cells.starts[column] as number, cells.ends[column] as number))
          return this.#text(cells, column);
        block[offset + index] = this.#cell.value;
      }
    }
    this.#lines.blockOf(this.rows)[inBlock] = cells.line;
    this.rows += 1;
    return ok(null);
  }

  #text(cells: TableCells, column: number): Result<never> {
    const text = shown(tableCellText(cells, column));
    const name = this.names[column] ?? '';
    return err(
      'text',
      `column '${name}', row ${this.rows + 1}: '${text}' is no number; write numbers, or leave the column out`,
      {
        details: { column: name, row: this.rows + 1, text },
      },
    );
  }
}

/**
 * Reads a table of numbers whose first line names its columns: CSV with comma, semicolon or tab, quoted or not, plain, `.gz` or one file in a `.zip`. `choose` hears the names and says which columns
 * are wanted; others are not looked at. Cells that are empty, or NA, NaN, null, none, are missing values (NaN); true and false are 1 and 0.
 * Faults: those of `choose`; `table_missing`, `table_unreadable`, `table_empty` (nothing, or no row), `table_layout` (no text), `table_header`, `table_ragged`, `table_text`, `table_too_large`,
 * `table_corrupt`, `table_truncated`; with line, row and column where they have one.
 */
export async function readNumberTable(
  path: string,
  choose: (names: readonly string[]) => Result<ColumnGroups>,
): Promise<Result<NumberTable>> {
  const reader = new TableReader(choose);
  const rows = new TableRows(reader.take);
  let first = true;
  const located = (result: Result<null>): Result<null> => {
    if (result.ok || reader.refused) return result;
    const { code, message, details } = result.fault;
    const told = reader.line > 0 && !message.startsWith('line ') ? `${path}, line ${reader.line}` : path;
    return err(`table_${code}`, `${told}: ${message}`, { details: { file: path, line: reader.line, ...details } });
  };
  const read = await eachChunk(path, 'table', BYTES_MAX, (chunk) => {
    const bytes = first ? withoutMark(chunk) : chunk;
    if (first && bytes.includes(0))
      return err('table_layout', `${path} is no text in UTF-8: save it as CSV in that encoding`);
    first = false;
    return located(rows.push(bytes));
  });
  if (!read.ok) return read;
  const rest = located(rows.finish());
  if (!rest.ok) return rest;
  if (reader.names.length === 0) return err('table_empty', `${path} holds nothing but empty lines`);
  return reader.rows === 0 ? err('table_empty', `${path} has a header and no row`) : ok(reader.table());
}
