import {
  formatAmount,
  formatPrice,
  formatQuantity,
  instrumentId,
  price,
  quantity,
  type Instrument,
  type Result,
} from '@monsta/core';
import {
  pingVenue,
  probeMarketStream,
  readVenueListing,
  type BinanceConnection,
  type VenueLimit,
  type VenueListing,
} from '@monsta/venue-binance';
import { failedWith, failure, fine, skipped, warning, type Check } from './check.ts';

/** From here on logs and ledger are dated wrongly enough to mislead; MONSTA corrects what it signs. */
const OFFSET_NOTED_MS = 1_000;
/** A clock this far off is set wrongly, not adrift. */
const OFFSET_WRONG_MS = 30_000;
/** More of a limit used than this leaves too little for a bad minute. */
const USED_NOTED_PERCENT = 80;

const NOT_REACHED = 'the exchange does not answer';

async function clockCheck(connection: BinanceConnection): Promise<Check> {
  const measured = await connection.measureClock();
  if (!measured.ok) return failedWith('clock', measured.fault);
  const offsetMs = connection.clockOffsetMs();
  if (offsetMs === null) return failure('clock', 'the exchange’s clock is not known', 'run the doctor again', {});
  const facts = { offsetMs: Math.round(offsetMs * 1_000) / 1_000 };
  const far = Math.abs(offsetMs);
  const seen = `the exchange’s clock is ${far.toFixed(far < 10 ? 1 : 0)} ms ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine’s`;
  const todo = 'let this machine keep its clock by NTP (timedatectl set-ntp true)';
  if (far > OFFSET_WRONG_MS) return failure('clock', seen, todo, facts);
  return far > OFFSET_NOTED_MS
    ? warning('clock', `${seen}; signed requests are corrected for it`, todo, facts)
    : fine('clock', seen, facts);
}

/** Limits as the exchange states them, with what is used of them, as a check of the name `name`. */
export function limitsCheck(name: string, limits: readonly VenueLimit[]): Check {
  const told = limits.map(({ name: limit, limit: most, used }) =>
    used === null ? `${limit}: ${most}` : `${limit}: ${used} of ${most} used, ${most - used} left`,
  );
  const facts = {
    limits: limits.map((each) => ({ ...each, left: each.used === null ? null : each.limit - each.used })),
  };
  const short = limits.filter(({ limit, used }) => used !== null && used * 100 > limit * USED_NOTED_PERCENT);
  if (short.length === 0) return fine(name, told.join('; '), facts);
  return warning(
    name,
    told.join('; '),
    `find out what else uses this address or account: more than ${USED_NOTED_PERCENT} % of ${short.map((each) => each.name).join(', ')} is used`,
    facts,
  );
}

/** The weight of this address as it was told in the answers, beside the limits that exchangeInfo states. */
function addressLimits({ budget }: BinanceConnection, { limits }: VenueListing): Check {
  const { used, limit: expected } = budget.usedWeight;
  const all = limits.map((each) => (each.name.startsWith('REQUEST_WEIGHT') ? { ...each, used } : each));
  const check = limitsCheck('limits', all);
  const stated = limits.find(({ name }) => name.startsWith('REQUEST_WEIGHT'))?.limit;
  if (stated === undefined || stated >= expected || check.status !== 'ok') return check;
  return warning(
    'limits',
    check.seen,
    `the exchange allows less than MONSTA is told: set binance.rest.weight_per_minute_max to ${stated}`,
    check.facts,
  );
}

function rulesTold(instrument: Instrument): string {
  const least =
    instrument.notionalMin === null ? '' : `, at least ${formatAmount(instrument.notionalMin)} ${instrument.quote}`;
  return `${instrument.id} in steps of ${formatPrice(price(1), instrument)} and ${formatQuantity(quantity(1), instrument)}${least}`;
}

const leastOf = (instrument: Instrument | undefined): string | null => {
  const least = instrument?.notionalMin ?? null;
  return least === null ? null : formatAmount(least);
};

function instrumentsCheck(wanted: readonly string[], { listing }: VenueListing): Check {
  const name = 'instruments';
  const found = wanted.map((symbol) => ({ symbol, listed: listing.symbols.get(instrumentId(symbol)) ?? null }));
  const facts = {
    instruments: found.map(({ symbol, listed }) => ({
      symbol,
      status: listed?.rules.status ?? null,
      orderTypes: listed?.rules.orderTypes ?? null,
      tickSize: listed === null ? null : formatPrice(price(1), listed.instrument),
      lotSize: listed === null ? null : formatQuantity(quantity(1), listed.instrument),
      notionalMin: leastOf(listed?.instrument),
    })),
    filtersUnknown: [...listing.unknown.keys()],
  };
  const missing = found.filter(({ listed }) => listed === null).map(({ symbol }) => symbol);
  if (missing.length > 0) {
    const reasons = listing.leftOut.map(({ symbol, reason }) => `${symbol}: ${reason}`);
    const seen = [`not usable here: ${missing.join(', ')}`, ...reasons].join('; ');
    return failure(
      name,
      seen,
      'correct --instruments or venue.instruments: symbols are written as the exchange lists them',
      facts,
    );
  }
  const halted = found.filter(({ listed }) => listed?.rules.status !== 'TRADING');
  if (halted.length > 0) {
    const seen = halted.map(({ symbol, listed }) => `${symbol} is ${listed?.rules.status ?? 'unknown'}`).join(', ');
    return warning(name, seen, 'nothing can be traded there until the exchange opens it again', facts);
  }
  const told = found.flatMap(({ listed }) => (listed === null ? [] : [rulesTold(listed.instrument)]));
  return fine(name, told.join('; '), facts);
}

async function streamCheck(connection: BinanceConnection, symbol: string): Promise<Check> {
  const first = await probeMarketStream(connection, symbol);
  if (!first.ok) return failedWith('market-stream', first.fault);
  return fine('market-stream', `the first frame of ${symbol} came after ${Math.round(first.value)} ms`, {
    ms: first.value,
  });
}

const pingTold = (ping: Result<number>): Check =>
  ping.ok
    ? fine('rest', `it answers in ${Math.round(ping.value)} ms`, { ms: ping.value })
    : failedWith('rest', ping.fault);

/** What anyone may ask: does it answer, what time is it there, what are its limits and rules, does its market data flow. */
export async function exchangeChecks(
  connection: BinanceConnection,
  instruments: readonly string[],
): Promise<readonly Check[]> {
  const ping = pingTold(await pingVenue(connection));
  if (ping.status !== 'ok')
    return [ping, ...['clock', 'limits', 'instruments', 'market-stream'].map((name) => skipped(name, NOT_REACHED))];
  const clock = await clockCheck(connection);
  const listing = await readVenueListing(connection, instruments);
  const [symbol = 'BTCUSDT'] = instruments;
  const stream = await streamCheck(connection, symbol);
  if (!listing.ok)
    return [
      ping,
      clock,
      skipped('limits', 'they stand beside the instruments'),
      failedWith('instruments', listing.fault),
      stream,
    ];
  return [ping, clock, addressLimits(connection, listing.value), instrumentsCheck(instruments, listing.value), stream];
}
