import { err, ok, type Result } from '@monsta/core';
import { namedColumns, placedColumns, type ColumnNames } from './column-names.ts';
import { cellText, type Cells } from './cells.ts';
import type { TimeForm } from './time-cell.ts';

/** Which cell of a trade's row is what. */
export interface TradeLayout {
  readonly columns: number | null;
  readonly id: number;
  readonly price: number;
  readonly quantity: number;
  readonly time: number;
  readonly timeForm: TimeForm;
  /** Whether the buyer was the maker; or, where `taker` says so, the side that took. */
  readonly maker: number;
  readonly makerForm: 'flag' | 'taker';
  readonly known: ColumnNames;
}

/** What a cell says of the buyer being the maker; null where it says nothing that is known. */
export function buyerIsMaker(text: string, form: TradeLayout['makerForm']): boolean | null {
  const word = text.toLowerCase();
  const [yes, no] =
    form === 'flag'
      ? [
          ['true', '1'],
          ['false', '0'],
        ]
      : [
          ['sell', 's'],
          ['buy', 'b'],
        ];
  return yes?.includes(word) === true ? true : no?.includes(word) === true ? false : null;
}

/** The two tables of Binance's archive: trades have seven columns or six, aggregates eight or seven. */
const COMMON = { columns: null, id: 0, price: 1, quantity: 2, timeForm: 'auto', makerForm: 'flag' } as const;
const TRADES: TradeLayout = {
  ...COMMON,
  time: 4,
  maker: 5,
  known: placedColumns({ id: 0, price: 1, quantity: 2, time: 4, maker: 5 }, ['quoteQty', 'isBestMatch']),
};
const AGGREGATES: TradeLayout = {
  ...COMMON,
  time: 5,
  maker: 6,
  known: placedColumns({ id: 0, price: 1, quantity: 2, time: 5, maker: 6 }, ['firstId', 'lastId', 'isBestMatch']),
};

/** Of what Binance's streams call in one letter the size of it counts. */
const LETTERS = { id: ['a', 't'], price: ['p'], quantity: ['q'], time: ['T'], maker: ['m'] } as const;
/** Names in small letters and digits alone. */
const NAMES = {
  id: ['id', 'tradeid', 'aggtradeid'],
  price: ['price'],
  quantity: ['qty', 'quantity', 'amount', 'size', 'baseqty'],
  time: ['timeus', 'timems', 'time', 'timestamp', 'transacttime', 'datetime', 'date'],
  maker: ['isbuyermaker', 'buyerismaker'],
  taker: ['side', 'takerside'],
} as const;
const TIME_FORMS: Readonly<Record<string, TimeForm>> = { timeus: 'us', timems: 'ms' };

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The layout that a header's names tell. Fault `layout`: a column is missing. */
export function tradeHeader(names: readonly string[]): Result<TradeLayout> {
  const header = names.map(plain);
  const place = (known: readonly string[], letters: readonly string[] = []): number => {
    const index = known.map((name) => header.indexOf(name)).find((at) => at !== -1);
    return index ?? names.findIndex((name) => letters.includes(name));
  };
  const flag = place(NAMES.maker, LETTERS.maker);
  const found = {
    id: place(NAMES.id, LETTERS.id),
    price: place(NAMES.price, LETTERS.price),
    quantity: place(NAMES.quantity, LETTERS.quantity),
    time: place(NAMES.time, LETTERS.time),
    maker: flag === -1 ? place(NAMES.taker) : flag,
  };
  const missing = Object.entries(found).flatMap(([name, index]) => (index === -1 ? [name] : []));
  if (missing.length > 0)
    return err(
      'layout',
      `the header ${names.join(',').slice(0, 120)} names no column for ${missing.join(', ')}; a file of trades has the columns id, price, qty, time, is_buyer_maker`,
    );
  return ok({
    columns: names.length,
    ...found,
    timeForm: TIME_FORMS[header[found.time] ?? ''] ?? 'auto',
    makerForm: flag === -1 ? 'taker' : 'flag',
    known: namedColumns(names, found),
  });
}

/** What the first row of a file of trades says; `data`: it is a trade already. Fault `layout`. */
export function tradeLayout(cells: Cells): Result<{ readonly layout: TradeLayout; readonly data: boolean }> {
  if (!/^\d/.test(cellText(cells, 0))) {
    const layout = tradeHeader(Array.from({ length: cells.count }, (_, index) => cellText(cells, index)));
    return layout.ok ? ok({ layout: layout.value, data: false }) : layout;
  }
  if (cells.count === 8) return ok({ layout: AGGREGATES, data: true });
  if (cells.count === 7 || cells.count === 6) {
    const isFlag = buyerIsMaker(cellText(cells, TRADES.maker), 'flag') !== null;
    return ok({ layout: isFlag ? TRADES : AGGREGATES, data: true });
  }
  return err(
    'layout',
    `${cells.count} columns; a trade has Binance's id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch, an aggregate id,price,qty,firstId,lastId,time,isBuyerMaker,isBestMatch`,
  );
}

/** Whether a row that is none of bars is one of trades, or a header of such. */
export function isTradeRow(cells: Cells): boolean {
  if (/^\d/.test(cellText(cells, 0))) return cells.count === 7 || cells.count === 8;
  return tradeHeader(Array.from({ length: cells.count }, (_, index) => cellText(cells, index))).ok;
}
