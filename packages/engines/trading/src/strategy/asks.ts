import { hasLimitPrice, isContingent, ORDER_TYPES, type InstrumentId, type OrderSide } from '@monsta/core';
import { TWAP_DURATION_MS_MAX, TWAP_SLICE_MS_MIN, TWAP_SLICES_MAX } from '../twap.ts';
import { TIMER_MS_MAX, TIMER_MS_MIN } from './timers.ts';
import type {
  BracketAsk,
  CloseOptions,
  ExitAsk,
  OcoAsk,
  OrderAsk,
  Size,
  TargetOptions,
  TwapAsk,
  Why,
} from './vocabulary.ts';
import type {
  BracketWish,
  OcoWish,
  OrderAskWish,
  StrategyWish,
  TargetWish,
  TwapWish,
  WishedExit,
  WishReason,
  WishSize,
} from './wish.ts';

/** How far below its trigger a stop may sell unless its strategy says so. */
const STOP_LIMIT_OFFSET_PPM = 5_000;
const TEXT_MAX = 500;
const BPS_MAX = 10_000;

const WHY = ['reason', 'confidence'] as const;
const SIZE = ['quantity', 'fraction', 'notional'] as const;
const EXIT = [
  'stopPrice',
  'stopDistance',
  'stopLimitOffset',
  'takeProfitPrice',
  'takeProfitDistance',
  'trailingBps',
] as const;
const TARGET_NAMES = new Set<keyof TargetOptions>([...WHY, 'limitPrice']);
const CLOSE_NAMES = new Set<keyof CloseOptions>([...WHY, 'tag']);
const EXIT_NAMES = new Set<keyof ExitAsk>(EXIT);
const BRACKET_NAMES = new Set<keyof BracketAsk>(['side', ...SIZE, 'limitPrice', ...EXIT, 'tag', ...WHY]);
const ORDER_NAMES = new Set<keyof OrderAsk>([
  ...(['side', 'type', ...SIZE, 'limitPrice', 'stopPrice', 'trailingBps'] as const),
  ...(['timeInForce', 'iceberg', 'reduceOnly', 'tag', ...WHY] as const),
]);
const OCO_NAMES = new Set<keyof OcoAsk>([...SIZE, 'limitPrice', 'stopPrice', 'stopLimitPrice', 'tag', ...WHY]);
const TWAP_NAMES = new Set<keyof TwapAsk>(['side', ...SIZE, 'durationMs', 'slices', 'limitPrice', 'tag', ...WHY]);
const TIMER_NAMES = new Set(['afterMs', 'everyMs']);

/** Throws where something is asked for by a name that nobody reads: a take profit that is misspelt would be none. */
function checkNames(asked: object, names: ReadonlySet<string>, call: string): void {
  for (const name in asked) {
    if (!names.has(name)) throw new RangeError(`${call}: there is no ${name}; it takes ${[...names].join(', ')}`);
  }
}

const textOf = (text: unknown): string => String(text).slice(0, TEXT_MAX);

function above(value: number, call: string, argument: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${call}: ${argument} must be above 0, not ${value}`);
}

const priceOf = (value: number | undefined, call: string, argument: string): number | null =>
  value === undefined ? null : above(value, call, argument);

export function checkFraction(fraction: number, call: string): number {
  if (Number.isFinite(fraction) && fraction >= 0 && fraction <= 1) return fraction;
  throw new RangeError(`${call}: the fraction must be from 0 to 1, not ${fraction}`);
}

/** A target: a short one, below 0, is for risk to allow. */
function checkTarget(fraction: number, call: string): number {
  if (Number.isFinite(fraction) && fraction >= -1 && fraction <= 1) return fraction;
  throw new RangeError(`${call}: the fraction must be from -1 to 1, not ${fraction}`);
}

/** A share (0.02) in parts per million. */
function shareOf(share: number, call: string, argument: string): number {
  if (Number.isFinite(share) && share > 0 && share < 1) return Math.max(1, Math.round(share * 1_000_000));
  throw new RangeError(`${call}: ${argument} must be a share between 0 and 1, such as 0.02 for 2 %, not ${share}`);
}

export function nameOf(name: unknown, call: string, what: string): string {
  if (typeof name === 'string' && /^[\w.:-]{1,40}$/.test(name)) return name;
  throw new RangeError(
    `${call}: ${what} must be text of a-z, A-Z, 0-9 and '. _ : -', at most 40 characters, not ${JSON.stringify(name)}`,
  );
}

/** What the engine calls orders of its own, by which it and people tell them from a strategy's. */
const RESERVED_TAGS: ReadonlySet<string> = new Set(['target', 'close', 'stop', 'take-profit', 'flatten', 'manual']);

function tagOf(tag: string | undefined, call: string): string | null {
  if (tag === undefined) return null;
  const name = nameOf(tag, call, 'the tag');
  if (!RESERVED_TAGS.has(name) && !name.startsWith('twap:')) return name;
  const reserved = [...RESERVED_TAGS, 'twap:…'].join(', ');
  throw new RangeError(
    `${call}: the tag ${name} is one of the engine's own (${reserved}); take another, such as my-${name}`,
  );
}

function confidenceOf(confidence: number | undefined, call: string): number | null {
  if (confidence === undefined) return null;
  if (Number.isFinite(confidence) && confidence >= 0 && confidence <= 1) return confidence;
  throw new RangeError(`${call}: confidence must be from 0 to 1, not ${confidence}`);
}

function reasonOf(reason: Why['reason']): WishReason['reason'] {
  if (reason === undefined) return null;
  return typeof reason === 'function' ? reason : textOf(reason);
}

/** The words of a reason, where there are any; what throws while it makes them has none. */
export function reasonText(reason: WishReason['reason'], indicators: Readonly<Record<string, unknown>>): string | null {
  if (typeof reason !== 'function') return reason;
  try {
    return textOf(reason(indicators as never));
  } catch (thrown) {
    return textOf(`its reason can't be told: ${String(thrown)}`);
  }
}

function whyOf(instrument: InstrumentId, { reason, confidence }: Why, call: string): WishReason {
  return { instrument, reason: reasonOf(reason), confidence: confidenceOf(confidence, call) };
}

function sizeOf(size: Size, call: string): WishSize {
  const given = SIZE.filter((by) => size[by] !== undefined);
  const [by] = given;
  if (by === undefined || given.length > 1)
    throw new RangeError(`${call}: exactly one of quantity, fraction and notional says how much`);
  const value = size[by] ?? Number.NaN;
  return { by, value: by === 'fraction' ? above(checkFraction(value, call), call, by) : above(value, call, by) };
}

function sideOf(side: OrderSide, call: string): OrderSide {
  if ((['buy', 'sell'] as unknown[]).includes(side)) return side;
  throw new RangeError(`${call}: side must be buy or sell, not ${side}`);
}

function bpsOf(value: number | undefined, call: string): number | null {
  if (value === undefined) return null;
  if (Number.isInteger(value) && value >= 1 && value < BPS_MAX) return value;
  throw new RangeError(`${call}: trailingBps must be a whole number from 1 to ${BPS_MAX - 1}, not ${value}`);
}

/** A target that can be written anew. */
export type TargetDraft = { -readonly [Part in keyof TargetWish]: TargetWish[Part] };

/** Most strategies give the same ones at each close: their names are looked at once. */
let checkedOptions: TargetOptions | null = null;

/** Writes a target over another. Asked for at each close by most strategies: nothing is made or copied. Throws before anything is written. */
export function writeTarget(
  draft: TargetDraft,
  instrument: InstrumentId,
  fraction: number,
  options: TargetOptions,
  call: string,
): TargetWish {
  if (options !== checkedOptions) {
    checkNames(options, TARGET_NAMES, call);
    checkedOptions = options;
  }
  const confidence = confidenceOf(options.confidence, call);
  const target = checkTarget(fraction, call);
  const limitPrice = priceOf(options.limitPrice, call, 'limitPrice');
  draft.instrument = instrument;
  draft.reason = reasonOf(options.reason);
  draft.confidence = confidence;
  draft.fraction = target;
  draft.limitPrice = limitPrice;
  return draft;
}

/** One that nothing is asked for in. */
export const targetDraft = (instrument: InstrumentId): TargetDraft => ({
  kind: 'target',
  instrument,
  reason: null,
  confidence: null,
  fraction: 0,
  limitPrice: null,
});

export function orderWish(instrument: InstrumentId, ask: OrderAsk): OrderAskWish {
  checkNames(ask, ORDER_NAMES, 'order');
  const { side, type } = ask;
  if (!(ORDER_TYPES as readonly unknown[]).includes(type))
    throw new RangeError(`order: type must be one of ${ORDER_TYPES.join(', ')}, not ${type}`);
  const timeInForce = ask.timeInForce ?? 'gtc';
  if (!['gtc', 'ioc', 'fok'].includes(timeInForce))
    throw new RangeError(`order: timeInForce must be gtc, ioc or fok, not ${timeInForce}`);
  const [limitPrice, stopPrice] = [
    priceOf(ask.limitPrice, 'order', 'limitPrice'),
    priceOf(ask.stopPrice, 'order', 'stopPrice'),
  ];
  const trailingBps = bpsOf(ask.trailingBps, 'order');
  if (hasLimitPrice(type) !== (limitPrice !== null))
    throw new RangeError(`order: a ${type} order ${limitPrice === null ? 'needs a' : 'has no'} limitPrice`);
  const triggered = stopPrice !== null || trailingBps !== null;
  if (isContingent(type) !== triggered)
    throw new RangeError(`order: a ${type} order ${triggered ? 'has no' : 'needs a'} stopPrice or trailingBps`);
  return {
    kind: 'order',
    ...whyOf(instrument, ask, 'order'),
    side: sideOf(side, 'order'),
    type,
    size: sizeOf(ask, 'order'),
    limitPrice,
    stopPrice,
    trailingBps,
    timeInForce,
    reduceOnly: ask.reduceOnly ?? null,
    iceberg: priceOf(ask.iceberg, 'order', 'iceberg'),
    tag: tagOf(ask.tag, 'order'),
  };
}

export function protectWish(instrument: InstrumentId, plan: ExitAsk | null): StrategyWish {
  if (plan !== null) checkNames(plan, EXIT_NAMES, 'protect');
  return { kind: 'protect', instrument, exit: plan === null ? null : exitOf(plan, 'protect') };
}

function exitOf(ask: ExitAsk, call: string): WishedExit {
  const trailingBps = bpsOf(ask.trailingBps, call);
  if (ask.stopPrice !== undefined && ask.stopDistance !== undefined)
    throw new RangeError(`${call}: stopPrice or stopDistance, not both`);
  if (ask.takeProfitPrice !== undefined && ask.takeProfitDistance !== undefined)
    throw new RangeError(`${call}: takeProfitPrice or takeProfitDistance, not both`);
  const stops = ask.stopPrice !== undefined || ask.stopDistance !== undefined || trailingBps !== null;
  const takes = ask.takeProfitPrice !== undefined || ask.takeProfitDistance !== undefined;
  if (!stops && !takes)
    throw new RangeError(
      `${call}: at least one of stopPrice, stopDistance, trailingBps, takeProfitPrice and takeProfitDistance`,
    );
  const distance = (share: number | undefined, argument: string): number | null =>
    share === undefined ? null : shareOf(share, call, argument);
  return {
    stop: stops
      ? {
          price: priceOf(ask.stopPrice, call, 'stopPrice'),
          distancePpm: distance(ask.stopDistance, 'stopDistance'),
          limitOffsetPpm: distance(ask.stopLimitOffset, 'stopLimitOffset') ?? STOP_LIMIT_OFFSET_PPM,
          trailingBps,
        }
      : null,
    takeProfit: takes
      ? {
          price: priceOf(ask.takeProfitPrice, call, 'takeProfitPrice'),
          distancePpm:
            ask.takeProfitDistance === undefined
              ? null
              : Math.max(1, Math.round(above(ask.takeProfitDistance, call, 'takeProfitDistance') * 1_000_000)),
        }
      : null,
  };
}

export function bracketWish(instrument: InstrumentId, ask: BracketAsk): BracketWish {
  checkNames(ask, BRACKET_NAMES, 'bracket');
  return {
    kind: 'bracket',
    ...whyOf(instrument, ask, 'bracket'),
    side: sideOf(ask.side ?? 'buy', 'bracket'),
    size: sizeOf(ask, 'bracket'),
    limitPrice: priceOf(ask.limitPrice, 'bracket', 'limitPrice'),
    exit: exitOf(ask, 'bracket'),
    tag: tagOf(ask.tag, 'bracket'),
  };
}

export function ocoWish(instrument: InstrumentId, ask: OcoAsk): OcoWish {
  checkNames(ask, OCO_NAMES, 'oco');
  const limitPrice = above(ask.limitPrice, 'oco', 'limitPrice');
  const stopPrice = above(ask.stopPrice, 'oco', 'stopPrice');
  if (stopPrice === limitPrice)
    throw new RangeError(
      `oco: stopPrice (${stopPrice}) must be below limitPrice (${limitPrice}), or to cover above it`,
    );
  const side = stopPrice < limitPrice ? 'sell' : 'buy';
  const offset = (side === 'sell' ? -STOP_LIMIT_OFFSET_PPM : STOP_LIMIT_OFFSET_PPM) / 1_000_000;
  const stopLimitPrice = priceOf(ask.stopLimitPrice, 'oco', 'stopLimitPrice') ?? stopPrice * (1 + offset);
  return {
    kind: 'oco',
    ...whyOf(instrument, ask, 'oco'),
    side,
    size: sizeOf(ask, 'oco'),
    limitPrice,
    stopPrice,
    stopLimitPrice,
    tag: tagOf(ask.tag, 'oco'),
  };
}

export function twapWish(instrument: InstrumentId, ask: TwapAsk): TwapWish {
  checkNames(ask, TWAP_NAMES, 'twap');
  if (!(Number.isInteger(ask.slices) && ask.slices >= 1 && ask.slices <= TWAP_SLICES_MAX))
    throw new RangeError(`twap: slices must be a whole number from 1 to ${TWAP_SLICES_MAX}, not ${ask.slices}`);
  return {
    kind: 'twap',
    ...whyOf(instrument, ask, 'twap'),
    side: sideOf(ask.side, 'twap'),
    size: sizeOf(ask, 'twap'),
    durationMs: durationOf(ask.durationMs, 'twap', 'durationMs', TWAP_SLICE_MS_MIN, TWAP_DURATION_MS_MAX),
    slices: ask.slices,
    limitPrice: priceOf(ask.limitPrice, 'twap', 'limitPrice'),
    tag: tagOf(ask.tag, 'twap'),
  };
}

export function closeWish(instrument: InstrumentId, ask: CloseOptions): StrategyWish {
  checkNames(ask, CLOSE_NAMES, 'close');
  return { kind: 'close', ...whyOf(instrument, ask, 'close'), tag: tagOf(ask.tag, 'close') };
}

function durationOf(ms: number, call: string, argument: string, min = TIMER_MS_MIN, max = TIMER_MS_MAX): number {
  if (Number.isFinite(ms) && ms >= min && ms <= max) return ms;
  throw new RangeError(`${call}: ${argument} must be from ${min} to ${max}, not ${ms}`);
}

export function timerWish(
  instrument: InstrumentId,
  name: string,
  when: { readonly afterMs?: number; readonly everyMs?: number },
): StrategyWish {
  checkNames(when, TIMER_NAMES, 'setTimer');
  const { afterMs, everyMs } = when;
  if ((afterMs === undefined) === (everyMs === undefined))
    throw new RangeError('setTimer: exactly one of afterMs and everyMs says when');
  const rhythm = everyMs === undefined ? null : durationOf(everyMs, 'setTimer', 'everyMs');
  return {
    kind: 'set-timer',
    instrument,
    name: nameOf(name, 'setTimer', 'the name'),
    afterMs: rhythm ?? durationOf(afterMs ?? Number.NaN, 'setTimer', 'afterMs'),
    everyMs: rhythm,
  };
}

export const logWish = (instrument: InstrumentId, text: string): StrategyWish => ({
  kind: 'log',
  instrument,
  text: textOf(text),
});
