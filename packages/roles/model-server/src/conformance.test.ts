import { expectOk, timestampUs, type Bar } from '@monsta/core';
import { modelServerConformance } from '@monsta/testkit';
import { BTCUSDT, makeBars, scene } from './market.test-support.ts';

const BARS = 1_500;
const all = makeBars(BARS + 20, 0.4);
const closeOf = (bar: Bar | undefined): number => bar?.closeTimeUs ?? Number.NaN;

modelServerConformance('the model server', () => {
  const { clock, history, published, sendBar, sendFeed, server, stream } = scene();
  let bars = BARS;
  return {
    server,
    instrument: BTCUSDT.id,
    nowUs: () => history.nowUs ?? clock.nowUs(),
    async start() {
      history.nowUs = timestampUs(closeOf(all[BARS - 1]));
      expectOk(await server.start());
      await clock.settle();
    },
    async learn() {
      history.held = all.slice(0, BARS);
      await clock.advanceUntil(() => published.at(-1)?.absence === null, { timeoutMs: 600_000 });
    },
    async nextBar() {
      const next = all[bars];
      if (next === undefined) throw new RangeError(`the market ends after ${all.length} bars`);
      bars += 1;
      history.held = all.slice(0, bars);
      await sendBar(next);
    },
    feed: (status) => sendFeed(status, status === 'live' ? null : 'no message for 30 s'),
    async stop() {
      await server.stop();
      await stream.close();
    },
  };
});
