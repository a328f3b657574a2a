import { INTERVALS, type Interval } from '@monsta/core';

/** Which screen an address stands for: what follows its `#`. */
export type Route =
  | { readonly kind: 'market' }
  | { readonly kind: 'backtests' }
  /** `like`: the backtest whose specification the form begins with. */
  | { readonly kind: 'new'; readonly like: string | null }
  | { readonly kind: 'backtest'; readonly id: string }
  | { readonly kind: 'compare'; readonly ids: readonly string[] }
  | { readonly kind: 'optimizations' }
  /** `like`: the optimisation whose specification the form begins with. */
  | { readonly kind: 'newOptimization'; readonly like: string | null }
  | { readonly kind: 'optimization'; readonly id: string }
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly id: string }
  | { readonly kind: 'data' }
  /** Bars of a catalogue. */
  | { readonly kind: 'series'; readonly market: string; readonly instrument: string; readonly interval: Interval };

export const COMPARED_MAX = 4;
const ID = /^[a-z0-9][a-z0-9-]{0,79}$/;

const PLAIN = /^[A-Za-z0-9._-]{1,100}$/;

function seriesOf(market = '', instrument = '', interval = ''): Route {
  const known = INTERVALS.find((each) => each === interval);
  const plain = PLAIN.test(market) && PLAIN.test(instrument);
  return plain && known !== undefined ? { kind: 'series', market, instrument, interval: known } : { kind: 'data' };
}

/** The route of an address' part from `#` on; what is none is the market. */
export function routeOf(hash: string): Route {
  const [page, first, second, third, ...rest] = hash.replace(/^#\/?/, '').split('/');
  if (page === 'models')
    return second === undefined && first !== undefined && PLAIN.test(first)
      ? { kind: 'model', id: first }
      : { kind: 'models' };
  if (page === 'data') return rest.length > 0 ? { kind: 'data' } : seriesOf(first, second, third);
  if (page !== 'backtests' || rest.length > 0) return { kind: 'market' };
  if (first === 'optimizations' && second === 'new')
    return { kind: 'newOptimization', like: third !== undefined && ID.test(third) ? third : null };
  if (third !== undefined) return { kind: 'market' };
  if (first === undefined || first === '') return { kind: 'backtests' };
  if (first === 'new') return { kind: 'new', like: second !== undefined && ID.test(second) ? second : null };
  if (first === 'optimizations')
    return second !== undefined && ID.test(second) ? { kind: 'optimization', id: second } : { kind: 'optimizations' };
  if (first === 'compare') {
    const ids = [...new Set((second ?? '').split('+').filter((id) => ID.test(id)))].slice(0, COMPARED_MAX);
    return ids.length < 2 ? { kind: 'backtests' } : { kind: 'compare', ids };
  }
  return second === undefined && ID.test(first) ? { kind: 'backtest', id: first } : { kind: 'backtests' };
}

export function hashOf(route: Route): string {
  switch (route.kind) {
    case 'market':
      return '#/';
    case 'backtests':
      return '#/backtests';
    case 'new':
      return `#/backtests/new${route.like === null ? '' : `/${route.like}`}`;
    case 'backtest':
      return `#/backtests/${route.id}`;
    case 'compare':
      return `#/backtests/compare/${route.ids.join('+')}`;
    case 'optimizations':
      return '#/backtests/optimizations';
    case 'newOptimization':
      return `#/backtests/optimizations/new${route.like === null ? '' : `/${route.like}`}`;
    case 'optimization':
      return `#/backtests/optimizations/${route.id}`;
    case 'models':
      return '#/models';
    case 'model':
      return `#/models/${route.id}`;
    case 'data':
      return '#/data';
    case 'series':
      return `#/data/${route.market}/${route.instrument}/${route.interval}`;
  }
}
