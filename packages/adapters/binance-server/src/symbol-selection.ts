import { writeSymbolRules } from '@monsta/matching';
import type { ApiContext } from './api-method.ts';
import type { ExchangeSymbol } from './exchange-model.ts';
import { BinanceError, findSymbol, type Parameters } from './parameters.ts';
import { symbolInfo, symbolStatus } from './symbols.ts';

const STATUSES = ['TRADING', 'HALT', 'BREAK'] as const;
/** The one permission that symbols here ask for. */
const PERMISSION = 'SPOT';
const PERMISSION_NAME = /^(?:SPOT|MARGIN|LEVERAGED|TRD_GRP_0\d{2})$/;
const PERMISSION_LIST = /^\["[A-Z0-9_]{1,20}"(?:,"[A-Z0-9_]{1,20}")*\]$/;
const SYMBOLS_MAX = 100;

const combination = (): BinanceError => new BinanceError(-1128, 'Combination of optional parameters invalid.');

/** What a request asks about. */
export interface Selection {
  readonly symbols: readonly ExchangeSymbol[];
  /** True when one was asked for by `symbol`: the answer is then an object, not a list. */
  readonly single: boolean;
}

type Context = Pick<ApiContext, 'model' | 'parameters'>;

const statusAsked = (parameters: Parameters): (typeof STATUSES)[number] | null =>
  parameters.optionalChoice('symbolStatus', STATUSES, new BinanceError(-1122, 'Invalid symbolStatus.'));

/** The symbol's status as the exchange has it now. */
function statusOf({ model }: Context, { instrument }: ExchangeSymbol): string {
  return model.trading?.exchange.rules(instrument.id)?.status ?? symbolStatus(instrument);
}

/** The symbol's rules as the exchange applies them, or as they are known where nothing is traded. */
export function describeSymbol({ model }: Context, symbol: ExchangeSymbol): object {
  const rules = model.trading?.exchange.rules(symbol.instrument.id) ?? null;
  return rules === null ? symbolInfo(symbol) : writeSymbolRules(rules);
}

/** The symbol that `symbol` names. */
export function oneSymbol(context: Context): ExchangeSymbol {
  return findSymbol(context.model.symbols(), context.parameters.symbol());
}

function checkStatus(context: Context, symbol: ExchangeSymbol, status: string | null): void {
  if (status === null || statusOf(context, symbol) === status) return;
  throw new BinanceError(-1220, "The symbol's status does not match the requested symbolStatus.");
}

/** `oneSymbol`, of the status that `symbolStatus` may ask for; else Binance's −1220. */
export function oneSymbolOfStatus(context: Context): ExchangeSymbol {
  const symbol = oneSymbol(context);
  checkStatus(context, symbol, statusAsked(context.parameters));
  return symbol;
}

function namedSymbols({ model, parameters }: Context): Selection | null {
  const symbol = parameters.optionalSymbol();
  const symbols = parameters.optionalSymbols();
  if (symbol !== null && symbols !== null) throw combination();
  const all = model.symbols();
  if (symbol !== null) return { single: true, symbols: [findSymbol(all, symbol)] };
  if (symbols === null) return null;
  if (new Set(symbols).size < symbols.length) {
    throw new BinanceError(-1151, 'Symbol is present multiple times in the list.');
  }
  return { single: false, symbols: symbols.map((id) => findSymbol(all, id)) };
}

function ofStatus(context: Context, selection: Selection, status: string | null): Selection {
  const [first] = selection.symbols;
  if (selection.single && first !== undefined) checkStatus(context, first, status);
  if (status === null || selection.single) return selection;
  return { single: false, symbols: selection.symbols.filter((symbol) => statusOf(context, symbol) === status) };
}

/** `symbol`, `symbols` or neither (all), narrowed by `symbolStatus`. */
export function selectSymbols(context: Context): Selection {
  const status = statusAsked(context.parameters);
  const named = namedSymbols(context) ?? { single: false, symbols: context.model.symbols() };
  return ofStatus(context, named, status);
}

/** `symbol` or at most a hundred `symbols`, one of which must be sent, narrowed by `symbolStatus`. */
export function selectNamedSymbols(context: Context): Selection {
  const status = statusAsked(context.parameters);
  const named = namedSymbols(context);
  if (named === null) {
    throw new BinanceError(-1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!");
  }
  const count = named.symbols.length;
  if (count > SYMBOLS_MAX) {
    throw new BinanceError(-1101, `Too many parameters; expected '${SYMBOLS_MAX}' and received '${count}'.`);
  }
  return ofStatus(context, named, status);
}

/** `symbol`, `symbols` or `symbolStatus`, never two of them; none: all. */
export function selectSymbolsOrStatus(context: Context): Selection {
  const status = statusAsked(context.parameters);
  const named = namedSymbols(context);
  if (named !== null && status !== null) throw combination();
  return ofStatus(context, named ?? { single: false, symbols: context.model.symbols() }, status);
}

/** The names in `permissions=SPOT` or `permissions=["SPOT","MARGIN"]`; null where it was not sent. */
function permissions(parameters: Parameters): readonly string[] | null {
  const text = parameters.optionalText('permissions');
  if (text === null) return null;
  const names = PERMISSION_LIST.test(text) ? text.slice(2, -2).split('","') : [text];
  if (names.every((name) => PERMISSION_NAME.test(name))) return names;
  throw new BinanceError(-1130, "Data sent for parameter 'permissions' is not valid.");
}

/** What `exchangeInfo` lists: as `selectSymbolsOrStatus`, or the symbols that accounts with one of some permissions may trade. */
export function selectListed(context: Context): Selection {
  const wanted = permissions(context.parameters);
  const { parameters } = context;
  if (wanted !== null && (parameters.has('symbol') || parameters.has('symbols'))) throw combination();
  const selection = selectSymbolsOrStatus(context);
  return wanted === null || wanted.includes(PERMISSION) ? selection : { single: false, symbols: [] };
}

/** The answer's form: an object for `symbol`, a list otherwise. */
export function forSelection({ symbols, single }: Selection, body: (symbol: ExchangeSymbol) => object): unknown {
  const [first] = symbols;
  return single && first !== undefined ? body(first) : symbols.map(body);
}

/** How many symbols a request names, before it is checked; null where it names none. */
export function symbolCount(parameters: Parameters): number | null {
  if (parameters.has('symbol')) return 1;
  return parameters.peek('symbols')?.split(',').length ?? null;
}
