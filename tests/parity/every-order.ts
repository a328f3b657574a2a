import { expectOk, strategyId } from '@monsta/core';
import { defineStrategy, parseParameters, type ConfiguredStrategy } from '@monsta/trading';
import { INSTRUMENTS } from './generated-tape.ts';

/** Asks at each minute for something else, until every kind of order has been asked for many times; timers ring between the bars. */
const everyOrder = defineStrategy({
  name: 'every-order',
  parameters: {},
  intervals: () => ['1m', '5m'],
  state: () => ({ turn: 0, rings: 0, trades: 0, books: 0 }),
  onStart({ setTimer }) {
    setTimer('often', { everyMs: 7_300 });
  },
  onTrade({ state }) {
    state.trades += 1;
  },
  onBook({ state }) {
    state.books += 1;
  },
  onTimer(context, { name }) {
    const { state, quote, order, cancel } = context;
    state.rings += 1;
    if (name === 'soon') order({ side: 'buy', type: 'market', notional: 40, tag: `soon-${state.rings}` });
    else if (state.rings % 9 === 4 && quote.bid !== null)
      order({ side: 'buy', type: 'limit_maker', notional: 30, limitPrice: quote.bid, tag: 'maker' });
    else if (state.rings % 9 === 7) cancel('maker');
  },
  onFill({ log }, { tag, price, quantity, liquidity }) {
    log(`${tag} ${quantity} at ${price} ${liquidity}`);
  },
  onBar(context) {
    const { state, bar, order, bracket, oco, twap, protect, setTarget, cancelAll, close, setTimer, position } = context;
    const turn = state.turn;
    state.turn += 1;
    const at = bar.close;
    const tag = `t${turn}`;
    switch (turn % 14) {
      case 0:
        return bracket({ notional: 200, stopDistance: 0.004, takeProfitDistance: 0.003, tag });
      case 1:
        return order({ side: 'buy', type: 'limit', notional: 60, limitPrice: at * 1.001, timeInForce: 'ioc', tag });
      case 2:
        return order({ side: 'buy', type: 'limit', notional: 90, limitPrice: at * 1.002, timeInForce: 'fok', tag });
      case 3:
        return protect({ trailingBps: 40 });
      case 4:
        return twap({ side: 'buy', notional: 120, durationMs: 45_000, slices: 5, limitPrice: at * 1.01, tag });
      case 5:
        setTimer('soon', { afterMs: 11_700 });
        return order({
          ...{ side: 'buy', type: 'limit', notional: 250, limitPrice: at * 0.9995, tag },
          iceberg: position.quantity > 0 ? position.quantity / 4 : 50 / at,
        });
      case 6:
        return order({
          side: 'buy',
          type: 'stop_loss_limit',
          notional: 50,
          stopPrice: at * 1.001,
          limitPrice: at * 1.002,
          tag,
        });
      case 7:
        return order({ side: 'sell', type: 'market', fraction: 0.2, tag });
      case 8:
        return protect(null);
      case 9:
        if (position.quantity > 0)
          oco({ quantity: position.quantity / 2, limitPrice: at * 1.002, stopPrice: at * 0.998, tag });
        return undefined;
      case 10:
        return twap({ side: 'sell', fraction: 0.3, durationMs: 30_000, slices: 3, tag });
      case 11:
        return setTarget(0.6, { limitPrice: at * 0.9998 });
      case 12:
        return cancelAll();
      default:
        return close();
    }
  },
});

export const everyOrderStrategy = (): ConfiguredStrategy => ({
  id: strategyId('every-order'),
  definition: everyOrder,
  parameters: expectOk(parseParameters(everyOrder, null)),
  instruments: INSTRUMENTS.map(({ id }) => id),
});
