import { expectOk, timestampUs, type Bar } from '@monsta/core';
import { modelServerConformance } from '@monsta/testkit';
import { BTCUSDT, ETHUSDT, LOGISTIC, makeBars, makePair, scene } from './market.test-support.ts';

const BARS = 1_500;
const alone = makeBars(BARS + 20, 0.4);
const pair = makePair(BARS + 20);

/** A market whose hours close one after the other, those of other instruments just after the own. */
function rigOf(
  { clock, history, published, sendBar, sendFeed, server, stream }: ReturnType<typeof scene>,
  markets: readonly (readonly Bar[])[],
) {
  let bars = BARS;
  const hold = (count: number): void => {
    history.held = markets.flatMap((all) => all.slice(0, count));
  };
  return {
    server,
    instrument: BTCUSDT.id,
    nowUs: () => history.nowUs ?? clock.nowUs(),
    async start() {
      history.nowUs = timestampUs(markets[0]?.[BARS - 1]?.closeTimeUs ?? Number.NaN);
      expectOk(await server.start());
      await clock.settle();
    },
    async learn() {
      hold(BARS);
      await clock.advanceUntil(() => published.at(-1)?.absence === null, { timeoutMs: 600_000 });
    },
    async nextBar() {
      bars += 1;
      hold(bars);
      for (const all of markets) {
        const next = all[bars - 1];
        if (next === undefined) throw new RangeError(`the market ends after ${all.length} bars`);
        await sendBar(next);
      }
    },
    feed: (status: 'live' | 'stale') => sendFeed(status, status === 'live' ? null : 'no message for 30 s'),
    async stop() {
      await server.stop();
      await stream.close();
    },
  };
}

modelServerConformance('the model server', () => rigOf(scene(), [alone]));

modelServerConformance('the model server whose features read another instrument', () => {
  const features = [{ feature: 'log_return' }, { feature: 'other_return', of: ETHUSDT.id }];
  const made = scene(
    { instruments: [BTCUSDT.id], executors: [{ ...LOGISTIC, featureSet: './led.json' }] },
    { featureSets: { './led.json': { id: 'led', version: 1, features } } },
  );
  made.history.listed = [BTCUSDT, ETHUSDT];
  return rigOf(made, [pair.own, pair.other]);
});
