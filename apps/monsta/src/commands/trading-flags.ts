import type { FlagSpec } from '../cli/arguments.ts';

type Flags = Readonly<Record<string, FlagSpec>>;

/** How a running program is reached. */
export const runningFlags: Flags = {
  url: { type: 'string', value: 'URL', help: 'its address (default http://127.0.0.1:8080)' },
};

/** The same, for what changes something. */
export const changeFlags: Flags = {
  ...runningFlags,
  'token-file': {
    type: 'string',
    value: 'FILE',
    help: 'file with the admin token (default: the environment variable MONSTA_TOKEN)',
  },
  token: {
    type: 'string',
    value: '…',
    help: 'refused: an argument stands in the shell’s history and in the list of processes',
  },
};

const reason: Flags = { reason: { type: 'string', value: 'TEXT', help: 'why, for the record' } };
const instrument: Flags = { instrument: { type: 'string', value: 'SYMBOL', help: 'e.g. BTCUSDT' } };
const id: Flags = { id: { type: 'string', value: 'ID', help: 'which strategy (monsta strategies list)' } };

const placeFlags: Flags = {
  ...instrument,
  side: { type: 'string', value: 'SIDE', help: 'buy or sell' },
  type: {
    type: 'string',
    value: 'TYPE',
    help: 'market, limit, limit_maker, stop_loss, stop_loss_limit, take_profit, take_profit_limit or oco (default limit with --limit-price, else market)',
  },
  quantity: { type: 'string', value: 'N', help: 'how much of the base asset, e.g. 0.01' },
  'limit-price': { type: 'string', value: 'PRICE', help: 'the price of the types with a limit' },
  'stop-price': { type: 'string', value: 'PRICE', help: 'the trigger' },
  'stop-limit-price': {
    type: 'string',
    value: 'PRICE',
    help: 'of an oco: what its stop trades at (default: the market)',
  },
  'trailing-bps': { type: 'string', value: 'N', help: 'the trigger follows the market, in basis points' },
  'iceberg-quantity': { type: 'string', value: 'N', help: 'what the book shows at a time' },
  'time-in-force': { type: 'string', value: 'TIF', help: 'gtc, ioc or fok (default gtc)' },
  exit: {
    type: 'string',
    value: 'JSON',
    help: 'stop and take-profit of the position, e.g. {"stop":{"distancePpm":20000},"takeProfit":{"price":"70000"}}',
  },
  'request-id': {
    type: 'string',
    value: 'ID',
    help: 'sent again with it, the order is placed once (default: a new one)',
  },
  ...reason,
};

interface TradingCommandSpec {
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: Flags;
  /** What of `trading.ts` carries it out. */
  readonly run:
    | 'ordersPlace'
    | 'ordersCancel'
    | 'ordersCancelAll'
    | 'positionsClose'
    | 'tradingHalt'
    | 'tradingReduce'
    | 'tradingResume'
    | 'tradingLimits'
    | 'strategiesList'
    | 'strategiesStart'
    | 'strategiesPause'
    | 'strategiesReduce'
    | 'strategiesSet';
}

const flatten: Flags = { flatten: { type: 'boolean', help: 'also sell every position at the market' } };

/** Commands to a running program about its trading. */
export const TRADING_COMMANDS: readonly TradingCommandSpec[] = [
  {
    words: ['orders', 'place'],
    summary: 'places an order by hand, through risk like any other',
    flags: { ...placeFlags, ...changeFlags },
    run: 'ordersPlace',
  },
  {
    words: ['orders', 'cancel'],
    summary: 'cancels one order',
    flags: { id: { type: 'string', value: 'ID', help: 'its clientOrderId' }, ...changeFlags },
    run: 'ordersCancel',
  },
  {
    words: ['orders', 'cancel-all'],
    summary: 'cancels all orders, of one instrument or strategy; what protects positions stays unless it is meant too',
    flags: {
      ...instrument,
      strategy: { type: 'string', value: 'ID', help: 'only its orders; manual: only those of persons' },
      'include-protective': { type: 'boolean', help: 'also what protects positions; it is not placed anew' },
      ...changeFlags,
    },
    run: 'ordersCancelAll',
  },
  {
    words: ['positions', 'close'],
    summary: 'closes a position at the market; its strategy only reduces from then on',
    flags: {
      ...instrument,
      strategy: { type: 'string', value: 'ID', help: 'whose (default manual)' },
      ...reason,
      ...changeFlags,
    },
    run: 'positionsClose',
  },
  {
    words: ['trading', 'halt'],
    summary: 'the kill switch: cancels every order and sends nothing until trading resume',
    flags: { ...reason, ...flatten, ...changeFlags },
    run: 'tradingHalt',
  },
  {
    words: ['trading', 'reduce'],
    summary: 'only exits from now on',
    flags: { ...reason, ...flatten, ...changeFlags },
    run: 'tradingReduce',
  },
  {
    words: ['trading', 'resume'],
    summary: 'trades again, after a halt of a person or of risk',
    flags: { ...reason, ...changeFlags },
    run: 'tradingResume',
  },
  {
    words: ['trading', 'limits'],
    summary: 'shows every limit of risk and how much of it is used, the account’s day, and what refuses entries now',
    flags: runningFlags,
    run: 'tradingLimits',
  },
  {
    words: ['strategies', 'list'],
    summary: 'lists the strategies of a running program: state, parameters, warm-up, profit',
    flags: runningFlags,
    run: 'strategiesList',
  },
  {
    words: ['strategies', 'start'],
    summary: 'starts a strategy that was paused or reduced, or has failed',
    flags: { ...id, ...reason, ...changeFlags },
    run: 'strategiesStart',
  },
  {
    words: ['strategies', 'pause'],
    summary: 'pauses a strategy: it is asked nothing; what protects its positions stays',
    flags: { ...id, ...reason, ...changeFlags },
    run: 'strategiesPause',
  },
  {
    words: ['strategies', 'reduce'],
    summary: 'lets a strategy only leave its positions',
    flags: { ...id, ...reason, ...changeFlags },
    run: 'strategiesReduce',
  },
  {
    words: ['strategies', 'set'],
    summary: 'changes parameters of a strategy while it runs; those left out stay as they are',
    flags: {
      ...id,
      params: { type: 'string', value: 'JSON', help: 'e.g. {"fast": 9}' },
      ...changeFlags,
    },
    run: 'strategiesSet',
  },
];
