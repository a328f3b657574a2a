import { err, ok, type Result } from '@monsta/core';
import { CellBuffer, ROW_BYTES_MAX, tooManyCells, type TakeRow } from './cells.ts';

const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const BRACE = 123;
const BRACE_END = 125;

/** What may come next: the list of rows, a row, a comma (or the list's end), nothing more. */
type Expecting = 'list' | 'row' | 'comma' | 'end';

/**
 * Splits JSON, piece by piece, into rows of cells: a list of flat lists, a list of flat objects, or such rows line after line (NDJSON). The names of the first object are given as a row before it,
 * as a table's header is; later objects may have their names in another order. Numbers are never made binary: a cell is the text that stands there.
 */
export class JsonRows {
  readonly #take: TakeRow;
  readonly #cells = new CellBuffer();
  #rest: Buffer = Buffer.alloc(0);
  #expecting: Expecting = 'list';
  /** The rows stand within one list, and not line after line. */
  #listed = false;
  #rows = 0;
  #names: readonly Buffer[] | null = null;

  constructor(take: TakeRow) {
    this.#take = take;
  }

  get objects(): boolean {
    return this.#names !== null;
  }

  get listed(): boolean {
    return this.#listed;
  }

  /** Takes the next bytes of the file. Faults: those of `take`, `corrupt`, `layout` (lists or objects within a row). */
  push(chunk: Buffer): Result<null> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = this.#read(bytes);
    if (!end.ok) return end;
    this.#rest = bytes.subarray(end.value);
    return this.#rest.length <= ROW_BYTES_MAX
      ? ok(null)
      : err('corrupt', `row ${this.#rows + 1} is longer than ${ROW_BYTES_MAX} bytes, as none of prices is`);
  }

  /** Faults: `truncated`, where a row or the list isn't closed. */
  finish(): Result<null> {
    const open = this.#rest.toString('latin1').trim() !== '' || (this.#listed && this.#expecting !== 'end');
    return open
      ? err('truncated', `the JSON list isn't closed behind row ${this.#rows}; fetch or copy it again`)
      : ok(null);
  }

  /** Where the row that is not yet whole begins. */
  #read(bytes: Buffer): Result<number> {
    let at = 0;
    for (;;) {
      while (at < bytes.length && (bytes[at] ?? 0) <= SPACE) at += 1;
      const byte = bytes[at];
      if (byte === undefined) return ok(at);
      if (this.#expecting === 'list') {
        const begun = this.#begin(bytes, at);
        if (begun === null) return ok(at);
        at = begun;
        continue;
      }
      if (this.#listed && byte === CLOSE && (this.#expecting === 'comma' || this.#rows === 0)) {
        this.#expecting = 'end';
        at += 1;
      } else if (this.#expecting === 'comma' && byte === COMMA) {
        this.#expecting = 'row';
        at += 1;
      } else if (this.#expecting === 'row' && (byte === OPEN || byte === BRACE)) {
        const end = rowEnd(bytes, at);
        if (end === -1) return ok(at);
        if (end === -2)
          return err(
            'layout',
            `row ${this.#rows + 1} holds lists or objects within it; leave of the JSON only the list of rows, each flat`,
            { details: { line: this.#rows + 1 } },
          );
        const taken = this.#row(bytes, at, end);
        if (!taken.ok) return taken;
        this.#expecting = this.#listed ? 'comma' : 'row';
        at = end + 1;
      } else return this.#stray(bytes, at);
    }
  }

  /** Steps into the list of rows; null where too little is there to tell. */
  #begin(bytes: Buffer, at: number): number | null {
    if (bytes[at] !== OPEN) {
      this.#expecting = 'row';
      return at;
    }
    let inner = at + 1;
    while (inner < bytes.length && (bytes[inner] ?? 0) <= SPACE) inner += 1;
    const byte = bytes[inner];
    if (byte === undefined) return null;
    this.#expecting = 'row';
    this.#listed = byte === OPEN || byte === BRACE || byte === CLOSE;
    return this.#listed ? inner : at;
  }

  #stray(bytes: Buffer, at: number): Result<never> {
    const shown = bytes.toString('utf8', at, at + 20).split('\n')[0] ?? '';
    return err('corrupt', `'${shown}' behind row ${this.#rows} is no row of JSON`, {
      details: { line: Math.max(1, this.#rows) },
    });
  }

  #row(bytes: Buffer, start: number, end: number): Result<null> {
    this.#rows += 1;
    if (bytes[start] === BRACE) return this.#object(bytes, start, end);
    const cells = this.#cells;
    cells.begin(bytes, this.#rows);
    for (let at = start + 1; at <= end; at += 1) {
      const stop = valueEnd(bytes, at, end);
      cells.add(at, stop);
      at = stop;
    }
    return cells.fits ? this.#take(cells) : err('corrupt', tooManyCells);
  }

  #object(bytes: Buffer, start: number, end: number): Result<null> {
    const members = membersOf(bytes, start, end);
    if (members === null)
      return err('corrupt', `'${bytes.toString('utf8', start, Math.min(end + 1, start + 40))}' is no JSON object`, {
        details: { line: this.#rows },
      });
    const cells = this.#cells;
    if (this.#names === null) {
      this.#names = members.map(({ from, to }) => Buffer.from(bytes.subarray(from, to)));
      cells.begin(bytes, this.#rows);
      for (const { from, to } of members) cells.add(from, to);
      const taken = cells.fits ? this.#take(cells) : err('corrupt', tooManyCells);
      if (!taken.ok) return taken;
    }
    cells.begin(bytes, this.#rows);
    const names = this.#names;
    // What an object has no value for is an empty cell.
    for (let index = 0; index < names.length; index += 1) cells.add(end, end);
    members.forEach((member, position) => {
      const same = (name: Buffer | undefined): boolean =>
        name !== undefined && bytes.compare(name, 0, name.length, member.from, member.to) === 0;
      const index = same(names[position]) ? position : names.findIndex(same);
      if (index !== -1) cells.set(index, member.valueFrom, member.valueTo);
    });
    return this.#take(cells);
  }
}

/** The bracket that closes a row; -1 where it is not there yet, -2 where another opens before it. */
function rowEnd(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = stringEnd(bytes, at, bytes.length);
      if (at === -1) return -1;
    } else if (byte === OPEN || byte === BRACE) return -2;
    else if (byte === CLOSE || byte === BRACE_END) return at;
  }
  return -1;
}

/** The quote that closes a string; -1 where there is none. */
function stringEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = start + 1; at < end; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at;
  }
  return -1;
}

/** The comma behind a value, or the row's end. */
function valueEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === QUOTE) at = stringEnd(bytes, at, end);
    else if (bytes[at] === COMMA) return at;
    if (at === -1) break;
  }
  return end;
}

interface Member {
  /** The name, without quotes. */
  readonly from: number;
  readonly to: number;
  readonly valueFrom: number;
  readonly valueTo: number;
}

function membersOf(bytes: Buffer, start: number, end: number): readonly Member[] | null {
  const members: Member[] = [];
  for (let at = start + 1; at < end; at += 1) {
    while (at < end && (bytes[at] ?? 0) <= SPACE) at += 1;
    if (at === end) break;
    const nameEnd = bytes[at] === QUOTE ? stringEnd(bytes, at, end) : -1;
    const colon = nameEnd === -1 ? -1 : bytes.indexOf(COLON, nameEnd);
    if (colon === -1 || colon >= end || bytes.toString('latin1', nameEnd + 1, colon).trim() !== '') return null;
    const stop = valueEnd(bytes, colon + 1, end);
    members.push({ from: at + 1, to: nameEnd, valueFrom: colon + 1, valueTo: stop });
    at = stop;
  }
  return members.length === 0 ? null : members;
}
