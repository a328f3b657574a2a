import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { amount, expectOk, price, quantity, timestampUs, type Instrument } from '@monsta/core';
import { openFileJournal } from '@monsta/journal-file';
import { executionVenueConformance, sampleInstrument, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { paperVenueConfigSchema } from './config.ts';
import { createPaperVenue } from './paper-venue.ts';

const { logger } = silentTelemetry();
const START_US = 1_700_000_000_000_000;
const instrument: Instrument = sampleInstrument({ notionalMin: amount(5n * 10n ** 18n) });

for (const [name, settings] of [
  ['the paper venue', {}],
  [
    'the paper venue that takes fees in the quote asset and fills nothing beyond the touch',
    { feeAsset: 'quote', beyondTouchSlippagePpm: null },
  ],
] as const) {
  executionVenueConformance(name, async () => {
    const config = paperVenueConfigSchema.parse({ startingBalances: { USDT: '10000', BTC: '1' }, ...settings });
    const directory = await mkdtemp(join(tmpdir(), 'monsta-paper-'));
    let nowUs = START_US;
    const open = async () => {
      const journal = expectOk(await openFileJournal({ directory, clock: new VirtualClock(), logger }));
      const venue = expectOk(await createPaperVenue({ journal, config, logger }));
      venue.useInstruments?.([instrument]);
      return { journal, venue };
    };
    let { journal, venue } = await open();
    const first = venue;
    return {
      venue: first,
      instrument,
      nowUs: () => timestampUs(nowUs),
      market(bidPrice, askPrice, lots) {
        nowUs += 1_000;
        const sizes = { bidQuantity: lots, askQuantity: lots };
        // News is always older than its arrival.
        const times = { tsEventUs: timestampUs(nowUs - 50_000), tsInitUs: timestampUs(nowUs) };
        venue.observe?.({
          kind: 'quote',
          instrument: instrument.id,
          updateId: nowUs,
          bidPrice,
          askPrice,
          ...sizes,
          ...times,
        });
        // Older than any order that could have a part in it: it only says where the price is.
        venue.observe?.({
          kind: 'trade',
          instrument: instrument.id,
          tradeId: nowUs,
          price: price((bidPrice + askPrice) / 2),
          quantity: quantity(1),
          buyerIsMaker: true,
          ...times,
        });
      },
      // A query is answered when all that it shows is durable and told.
      async settled() {
        expectOk(await venue.openOrders());
      },
      async reopen() {
        await venue.close();
        await journal.close();
        ({ journal, venue } = await open());
        return venue;
      },
      async dispose() {
        await venue.close();
        await journal.close();
        await rm(directory, { recursive: true });
      },
    };
  });
}
