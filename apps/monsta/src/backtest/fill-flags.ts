import { asJson, asNumber, asText, flag, type SpecFlag } from './flag-readers.ts';

const NUMBER = 'a number';
const SIZINGS =
  'fraction=0.95 (of equity), fixed=1000 (of the quote asset), units=10 (of the base asset), kelly, volatility=0.5,30 (a year, bars), or JSON';

/** `fraction=0.95` and the like. */
function asSizing(typed: string | readonly string[]): unknown {
  const text = asText(typed);
  if (text.startsWith('{')) return asJson(typed);
  const [kind = '', value, more] = text.split(/[=,]/);
  const number = (given: string | undefined): number | undefined => (given === undefined ? undefined : Number(given));
  switch (kind) {
    case 'all':
      return { kind: 'fraction', share: 1 };
    case 'fraction':
      return { kind, share: number(value) };
    case 'fixed':
      return { kind, amount: value };
    case 'units':
      return { kind, quantity: value };
    case 'volatility':
      return { kind, target: number(value), bars: number(more) };
    case 'kelly':
      return { kind };
    default:
      return undefined;
  }
}

function asSlippage(typed: string | readonly string[]): unknown {
  const text = asText(typed);
  const [kind = '', value] = text.split('=');
  if (kind === 'none') return { kind };
  if (kind === 'ticks') return { kind, ticks: Number(value) };
  if (kind === 'spread') return { kind, share: Number(value) };
  if (kind === 'square-root') return { kind, bps: Number(value) };
  const bps = asNumber(typed);
  if (bps === undefined) return undefined;
  return bps === 0 ? { kind: 'none' } : { kind: 'rate', bps };
}

/** One delay for all three, or `feed,order,response`. */
function asLatency(typed: string | readonly string[]): unknown {
  const parts = asText(typed).split(',').map(Number);
  if (parts.some((ms) => !Number.isFinite(ms)) || (parts.length !== 1 && parts.length !== 3)) return undefined;
  const [feedMs = 0, orderMs = feedMs, responseMs = feedMs] = parts;
  return { feedMs, orderMs, responseMs };
}

/** How orders fill, what they cost, and how large they are. */
export const fillFlags: Readonly<Record<string, SpecFlag>> = {
  sizing: flag('sizing', 'SIZING', `what a target of 1 is worth: ${SIZINGS} (default fraction=1)`, asSizing, SIZINGS),
  'sized-at': flag(
    'fills.sizedAt',
    'WHEN',
    'decision: a size follows from the close that it was decided at; fill: from the price that it fills at, of several instruments exits first (default decision)',
    asText,
  ),
  'rebalance-band': flag(
    'rebalanceBand',
    'SHARE',
    'a target nearer to what is held than this share of a target of 1 changes nothing (default 0.2)',
    asNumber,
    NUMBER,
  ),
  'allow-short': {
    type: 'boolean',
    path: 'short',
    help: 'targets below 0 are short positions, as assumptions (default: long only)',
    read: () => ({}),
  },
  margin: flag(
    'short.initialMargin',
    'SHARE',
    'with --allow-short: own money that all positions need, as a share of their value (default 1)',
    asNumber,
    NUMBER,
  ),
  'fee-bps': flag(
    'costs.takerFeeBps',
    'N',
    'fee of each fill in basis points of its value, 20 is 0.2 % (default 10)',
    asNumber,
    NUMBER,
  ),
  'maker-fee-bps': flag(
    'costs.makerFeeBps',
    'N',
    'the same for fills of resting orders (default: as --fee-bps)',
    asNumber,
    NUMBER,
  ),
  'fees-from': flag(
    'costs.feesFrom',
    'WHAT',
    'quote: fees are taken from the quote asset; received: from what was bought or sold for, as at Binance (default quote)',
    asText,
  ),
  'fees-on': flag(
    'costs.feesOn',
    'WHICH',
    'both: entering a position and leaving it cost a fee; entry: entering alone (default both)',
    asText,
  ),
  'fee-per-order': flag(
    'costs.feePerOrder',
    'AMOUNT',
    'beside --fee-bps: so much of the quote asset for each order, once, with its first fill (default 0)',
    asText,
  ),
  'fee-per-unit': flag(
    'costs.feePerUnit',
    'AMOUNT',
    'beside --fee-bps: so much of the quote asset for each unit (share, contract, coin) filled, e.g. 0.005 (default 0)',
    asText,
  ),
  'fee-minimum': flag(
    'costs.feeMinimum',
    'AMOUNT',
    'all fees of an order come to at least so much of the quote asset, from its first fill on (default 0)',
    asText,
  ),
  'slippage-bps': flag(
    'costs.slippage',
    'N',
    'how much worse market orders and stops fill, in basis points; also ticks=N (steps of the price), square-root=N (of an order as large as the bar’s volume), spread=SHARE (with --ticks), none (default 0.5)',
    asSlippage,
    'a number of basis points, ticks=N, square-root=N, spread=SHARE or none',
  ),
  fill: flag(
    'fills.acts',
    'WHEN',
    'next-open: a decision at a close acts at the next open; next-close: at the next close; close: at that very close, which looks ahead by a moment (default next-open)',
    asText,
  ),
  'limit-fill': flag(
    'fills.limits',
    'RULE',
    'through: a limit fills when the price goes beyond it; touch: when it is reached (default through)',
    asText,
  ),
  'volume-share': flag(
    'fills.volumeShare',
    'SHARE',
    'most of a bar’s volume that all orders together take, 0 to 1 (default: no bound)',
    asNumber,
    NUMBER,
  ),
  gaps: flag(
    'fills.gaps',
    'RULE',
    'break: indicators begin anew behind missing bars; join: the bars on both sides are neighbours (default break)',
    asText,
  ),
  end: flag(
    'fills.endOfData',
    'RULE',
    'mark: what is open at the end is valued; close: it is closed at the last close; open: at the open of the last bar (default mark)',
    asText,
  ),
  limits: flag(
    'limits',
    'WHICH',
    'none; configured: limits of risk as trading.role of the configuration has them (default none)',
    asText,
  ),
  queue: flag(
    'fills.queue',
    'RULE',
    'ticks: how a resting limit fills from trades at its price: through, queue, queue-probable or touch (default queue)',
    asText,
  ),
  'latency-ms': flag(
    'latency',
    'N',
    'ticks: how late data, orders and answers are, in milliseconds; one number, or FEED,ORDER,RESPONSE (default 0)',
    asLatency,
    'one number of milliseconds, or three with commas between',
  ),
};
