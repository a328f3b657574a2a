import { basename } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { readDataFile } from '@monsta/data-files';
import { Column } from './columns.ts';
import { eachLine } from './lines.ts';
import { readHistory, type BarHistory } from './history.ts';
import {
  depthPayload,
  fieldsOf,
  PayloadError,
  quotePayload,
  snapshotPayload,
  textOf,
  tradePayload,
  type Fields,
} from './recorded-payloads.ts';
import { RecordedSymbol } from './recorded-symbol.ts';

export const EVENT_KINDS = ['trade', 'bookTicker', 'depth', 'snapshot'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** A recorder's clock that was corrected by less than this is forgiven: the line counts as received with the one before it. */
const BACKWARD_STEP_MAX_US = 1_000_000;
const RECEIVED = /^\d{19}$/;
const SPACE = 32;

interface Located {
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

/** A recording in memory: the files' bytes as they are, and columns that say what lies where. */
export class Recording {
  readonly #files: Buffer[] = [];
  readonly #names: string[] = [];
  readonly #symbols: RecordedSymbol[] = [];
  readonly #symbolIndex = new Map<string, number>();
  readonly #kind = new Column();
  readonly #symbol = new Column();
  /** Row of the event within its symbol's columns of that kind. */
  readonly #row = new Column();
  readonly #receivedUs = new Column();
  readonly #file = new Column();
  readonly #start = new Column();
  readonly #end = new Column();
  /** Payloads of lines in an unusual layout, which are not one stretch of the file. */
  readonly #rewritten = new Map<number, string>();
  #offsetUs: number | null = null;
  /** Snapshots before the first stream event: they are of the first symbol that follows. */
  readonly #early: { readonly root: Fields; readonly receivedUs: number; readonly located: Located }[] = [];
  #ignored = 0;
  #history: BarHistory | null = null;

  /** Events: trades, quotes, depth updates and snapshots, in the order they were received. */
  get length(): number {
    return this.#kind.length;
  }

  get symbols(): readonly RecordedSymbol[] {
    return this.#symbols;
  }

  /** Lines of streams that are not served: derived ones are made anew from the trades. */
  get ignoredLines(): number {
    return this.#ignored;
  }

  get history(): BarHistory | null {
    return this.#history;
  }

  /** How far the exchange's clock was ahead of the recorder's, so that no event is told before it happened. */
  get clockOffsetUs(): number {
    return this.#offsetUs ?? 0;
  }

  kindOf(event: number): EventKind {
    return EVENT_KINDS[this.#kind.at(event)] ?? 'trade';
  }

  symbolOf(event: number): number {
    return this.#symbol.at(event);
  }

  rowOf(event: number): number {
    return this.#row.at(event);
  }

  /** When the event is told, on the exchange's clock. */
  atUs(event: number): number {
    return this.#receivedUs.at(event) + this.clockOffsetUs;
  }

  /** How many events are told by `us`. */
  countUpTo(us: number): number {
    return this.#receivedUs.countUpTo(us - this.clockOffsetUs);
  }

  get startUs(): number {
    return this.atUs(0);
  }

  get endUs(): number {
    return this.atUs(this.length - 1);
  }

  /** The event's payload as recorded, without its envelope. */
  payload(event: number): string {
    const rewritten = this.#rewritten.get(event);
    if (rewritten !== undefined) return rewritten;
    const file = this.#files[this.#file.at(event)];
    return file === undefined ? '' : file.toString('utf8', this.#start.at(event), this.#end.at(event));
  }

  payloadFields(event: number): Fields {
    return fieldsOf(JSON.parse(this.payload(event)), 'the payload');
  }

  addFile(path: string, bytes: Buffer): Result<null> {
    const file = this.#files.push(bytes) - 1;
    this.#names.push(path);
    return eachLine(bytes, (start, end, number) => {
      try {
        this.#addLine({ file, start, end }, bytes);
        return ok(null);
      } catch (thrown) {
        if (!(thrown instanceof PayloadError) && !(thrown instanceof SyntaxError)) throw thrown;
        const what = thrown instanceof SyntaxError ? `the JSON can't be read (${thrown.message})` : thrown.message;
        // A last line without its line break was being written when the recorder or the copy stopped.
        if (end === bytes.length) {
          return err('recording_truncated', `${path}, line ${number}: the file ends in the middle of a line: ${what}`);
        }
        return err('recording_corrupt', `${path}, line ${number}: ${what}`, { details: { file: path, line: number } });
      }
    });
  }

  #addLine(line: Located, bytes: Buffer): void {
    const space = bytes.indexOf(SPACE, line.start);
    const received = space === -1 || space > line.end ? '' : bytes.toString('latin1', line.start, space);
    if (!RECEIVED.test(received)) {
      throw new PayloadError('a line must be the time of receipt in nanoseconds (19 digits), a space and JSON');
    }
    const receivedUs = this.#inOrder(Number(received.slice(0, -3)));
    const text = bytes.toString('utf8', space + 1, line.end);
    const root = fieldsOf(JSON.parse(text), 'the line');
    const located = { file: line.file, start: space + 1, end: line.end };
    if (root['stream'] === undefined && root['lastUpdateId'] !== undefined) {
      if (this.#symbols.length === 0) this.#early.push({ root, receivedUs, located });
      else this.#addSnapshot(root, receivedUs, located);
      return;
    }
    const stream = textOf(root, 'stream');
    const data = fieldsOf(root['data'], "'data'");
    const prefix = `{"stream":${JSON.stringify(stream)},"data":`;
    const start = located.start + Buffer.byteLength(prefix);
    const whole = text.startsWith(`${prefix}{`) && text.endsWith('}}');
    const event = this.#addStreamEvent(stream, data, receivedUs, { ...located, start, end: located.end - 1 });
    if (event !== null && !whole) this.#rewritten.set(event, JSON.stringify(data));
  }

  #inOrder(receivedUs: number): number {
    if (this.length === 0) return receivedUs;
    const before = this.#receivedUs.at(this.length - 1);
    if (receivedUs >= before) return receivedUs;
    if (before - receivedUs <= BACKWARD_STEP_MAX_US) return before;
    throw new PayloadError(
      `received ${((before - receivedUs) / 1e6).toFixed(1)} s before the line before it; give the files in the order of time`,
    );
  }

  #symbolOf(name: string): number {
    let index = this.#symbolIndex.get(name);
    if (index === undefined) {
      index = this.#symbols.push(new RecordedSymbol(name)) - 1;
      this.#symbolIndex.set(name, index);
      for (const early of this.#early.splice(0)) this.#addSnapshot(early.root, early.receivedUs, early.located);
    }
    return index;
  }

  #push(kind: EventKind, symbol: number, row: number, receivedUs: number, located: Located): number {
    this.#kind.push(EVENT_KINDS.indexOf(kind));
    this.#symbol.push(symbol);
    this.#row.push(row);
    this.#receivedUs.push(receivedUs);
    this.#file.push(located.file);
    this.#start.push(located.start);
    this.#end.push(located.end);
    return this.length - 1;
  }

  #addStreamEvent(stream: string, data: Fields, receivedUs: number, located: Located): number | null {
    const type = stream.slice(stream.indexOf('@') + 1);
    if (type !== 'trade' && type !== 'bookTicker' && type !== 'depth@100ms' && type !== 'depth') {
      this.#ignored += 1;
      return null;
    }
    const index = this.#symbolOf(textOf(data, 's'));
    const symbol = this.#symbols[index];
    if (symbol === undefined) return null;
    if (type === 'trade') {
      const trade = tradePayload(data);
      this.#ahead(trade.eventMs, receivedUs);
      symbol.seePrice(trade.price);
      symbol.seeQuantity(trade.quantity);
      const event = this.#push('trade', index, symbol.tradeId.length, receivedUs, located);
      symbol.tradeEvent.push(event);
      symbol.tradeId.push(trade.tradeId);
      symbol.tradePrice.push(trade.price);
      symbol.tradeQuantity.push(trade.quantity);
      symbol.tradeTimeUs.push(trade.timeMs * 1_000);
      symbol.tradeBuyerIsMaker.push(trade.buyerIsMaker ? 1 : 0);
      return event;
    }
    if (type === 'bookTicker') {
      const quote = quotePayload(data);
      symbol.seeLevels([
        [quote.bidPrice, quote.bidQuantity],
        [quote.askPrice, quote.askQuantity],
      ]);
      const event = this.#push('bookTicker', index, symbol.quoteEvent.length, receivedUs, located);
      symbol.quoteEvent.push(event);
      return event;
    }
    const depth = depthPayload(data);
    this.#ahead(depth.eventMs, receivedUs);
    symbol.seeLevels(depth.bids);
    symbol.seeLevels(depth.asks);
    const event = this.#push('depth', index, symbol.depthEvent.length, receivedUs, located);
    symbol.depthEvent.push(event);
    symbol.depthFirstId.push(depth.firstUpdateId);
    symbol.depthLastId.push(depth.lastUpdateId);
    return event;
  }

  #ahead(eventMs: number, receivedUs: number): void {
    const offsetUs = eventMs * 1_000 - receivedUs;
    this.#offsetUs = this.#offsetUs === null ? offsetUs : Math.max(this.#offsetUs, offsetUs);
  }

  /** A snapshot carries no symbol: it is of the one whose update ids are nearest to its own. */
  #addSnapshot(root: Fields, receivedUs: number, located: Located): void {
    const snapshot = snapshotPayload(root);
    let nearest = -1;
    let distance = Number.POSITIVE_INFINITY;
    this.#symbols.forEach((symbol, index) => {
      const { length } = symbol.depthLastId;
      const away =
        length === 0 ? Number.MAX_VALUE : Math.abs(symbol.depthLastId.at(length - 1) - snapshot.lastUpdateId);
      if (away < distance) {
        distance = away;
        nearest = index;
      }
    });
    const symbol = this.#symbols[nearest];
    if (symbol === undefined) return;
    symbol.seeLevels(snapshot.bids);
    symbol.seeLevels(snapshot.asks);
    const event = this.#push('snapshot', nearest, symbol.snapshotEvent.length, receivedUs, located);
    symbol.snapshotEvent.push(event);
    symbol.snapshotLastId.push(snapshot.lastUpdateId);
  }

  /** Called once, when all files are in. */
  finish(history: BarHistory | null): void {
    this.#history = history;
    for (const symbol of this.#symbols) symbol.trim();
    for (const column of [this.#kind, this.#symbol, this.#row, this.#receivedUs, this.#file, this.#start, this.#end]) {
      column.trim();
    }
  }
}

export interface RecordingOptions {
  /** Bars older than the recording, served by klines. */
  readonly historyPath?: string | undefined;
}

/**
 * Reads a recording: lines of `<receive time, ns> <JSON>`, plain, gzip or zip, one file or several in the order of time.
 * Faults: `recording_missing`, `recording_unreadable`, `recording_truncated`, `recording_corrupt` (file, line and what),
 * `recording_empty`, `recording_too_large`; with `historyPath` also those of `readHistory`.
 */
export async function openRecording(
  paths: readonly string[],
  options: RecordingOptions = {},
): Promise<Result<Recording>> {
  if (paths.length === 0) return err('recording_missing', 'no recording was named; use --recording FILE');
  const recording = new Recording();
  for (const path of paths) {
    const bytes = await readDataFile(path, 'recording');
    if (!bytes.ok) return bytes;
    const added = recording.addFile(path, bytes.value);
    if (!added.ok) return added;
  }
  if (recording.length === 0) {
    return err(
      'recording_empty',
      `${paths.map((path) => basename(path)).join(', ')}: no trade, bookTicker or depth event is in it`,
    );
  }
  let history: BarHistory | null = null;
  if (options.historyPath !== undefined) {
    const read = await readHistory(
      options.historyPath,
      recording.symbols.map((symbol) => symbol.symbol().instrument),
    );
    if (!read.ok) return read;
    history = read.value;
  }
  recording.finish(history);
  return ok(recording);
}
