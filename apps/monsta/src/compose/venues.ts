import { serveExchange, type ExchangeModel, type ServedExchange } from '@monsta/binance-server';
import {
  err,
  instrumentId,
  ok,
  timestampUs,
  usFromMs,
  type InstrumentId,
  type Interval,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import type { Clock, DataOrigin, HttpServer, Ledger, Logger, Timer } from '@monsta/ports';
import { createReplayExchange, openRecording } from '@monsta/venue-replay';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import type { MonstaConfig } from '../config/schema.ts';
import { addressesOf } from './exchange-addresses.ts';
import { digest, marketOf, simulatedMarketOf } from './markets.ts';

const LOOPBACK = '127.0.0.1';

/** What is collected of an exchange that lists thousands. */
export const DEFAULT_INSTRUMENTS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'XRPUSDT'].map(instrumentId);

/** Where the client connects to, and what its data is. */
export interface OpenedVenue {
  readonly origin: DataOrigin;
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly instruments: readonly InstrumentId[];
  /** A sentence for people on what simulated or replayed data is; null for real data. */
  readonly disclosure: string | null;
  /** Names the market for the account: another market is another paper account. */
  readonly accountSuffix: string;
  /** How fast the venue's clock runs. */
  readonly rate: number;
  /** Where the venue's time stands still: a recording's end; null where it never does. */
  readonly endUs: TimestampUs | null;
  /** A file of older bars that the venue serves, all of which are worth reading; null where there is none. */
  readonly history: { readonly interval: Interval; readonly fromUs: TimestampUs } | null;
  /** Now on the venue's clock, as far as this process knows it. */
  venueNowUs(): TimestampUs;
  /** Runs `listener` once when the venue has no more data to come (a recording has ended); never for the others. */
  onEnded(listener: (reason: string) => void): Timer;
  close(): Promise<void>;
}

const NEVER: Timer = { cancel: () => undefined };

export interface VenueContext {
  readonly config: MonstaConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly httpServer: HttpServer;
  readonly settings: Pick<Ledger, 'getSetting' | 'putSetting'>;
}

/** Opens the configured venue; simulated and replayed ones are served on a loopback port of this process. */
export async function openVenue(context: VenueContext): Promise<Result<OpenedVenue>> {
  switch (context.config.venue.name) {
    case 'simulated':
      return openSimulated(context);
    case 'replay':
      return openReplay(context);
    case 'binance':
    case 'binance-testnet':
      return ok(openRemote(context, context.config.venue.name));
  }
}

function openRemote({ config, clock }: VenueContext, name: 'binance' | 'binance-testnet'): OpenedVenue {
  const { instruments } = config.venue;
  const { restUrl, wsUrl } = addressesOf(name, config);
  return {
    origin: name === 'binance' ? 'real' : 'testnet',
    restUrl,
    wsUrl,
    instruments: instruments === null ? DEFAULT_INSTRUMENTS : instruments.map(instrumentId),
    disclosure: null,
    accountSuffix: marketOf(name, config),
    rate: 1,
    endUs: null,
    history: null,
    venueNowUs: () => clock.nowUs(),
    onEnded: () => NEVER,
    close: () => Promise.resolve(),
  };
}

/** The configured instruments, or all the model has. */
function chosen(config: MonstaConfig, model: ExchangeModel): Result<readonly InstrumentId[]> {
  const known = model.symbols().map((symbol) => symbol.instrument.id);
  const wanted = config.venue.instruments?.map(instrumentId) ?? known;
  const missing = wanted.filter((id) => !known.includes(id));
  if (missing.length > 0)
    return err(
      'instrument_unknown',
      `the venue ${config.venue.name} has no ${missing.join(', ')}; it has ${known.join(', ')}`,
    );
  return ok(wanted);
}

async function serve(
  context: VenueContext,
  model: ExchangeModel,
  rest: Pick<OpenedVenue, 'accountSuffix' | 'rate' | 'endUs' | 'history' | 'onEnded'>,
): Promise<Result<OpenedVenue>> {
  const instruments = chosen(context.config, model);
  if (!instruments.ok) {
    model.close();
    return instruments;
  }
  const { clock, logger, httpServer } = context;
  const served: Result<ServedExchange> = await serveExchange({
    model,
    clock,
    logger,
    httpServer,
    host: LOOPBACK,
    port: 0,
  });
  if (!served.ok) return served;
  const { restUrl, wsUrl } = served.value;
  return ok({
    ...rest,
    origin: model.origin,
    restUrl,
    wsUrl,
    instruments: instruments.value,
    venueNowUs: () => model.nowUs(),
    disclosure: model.disclosure,
    close: () => served.value.close(200),
  });
}

function openSimulated(context: VenueContext): Promise<Result<OpenedVenue>> {
  const { clock, logger, config } = context;
  const { seed, edge } = config.venue;
  const model = createSimulatedExchange({ seed, edge, clock, logger });
  return serve(context, model, {
    accountSuffix: simulatedMarketOf(config),
    rate: 1,
    endUs: null,
    history: null,
    onEnded: () => NEVER,
  });
}

interface Session {
  readonly number: number;
  readonly startUs: number;
}

function readSession(text: string | null): Session | null {
  if (text === null) return null;
  const [number, startUs] = text.split(':').map(Number);
  if (number === undefined || startUs === undefined) return null;
  return Number.isSafeInteger(number) && Number.isSafeInteger(startUs) ? { number, startUs } : null;
}

/**
 * A replay goes on where the recording would be by now; once it has ended, the next start opens a new session with a new account.
 */
async function openReplay(context: VenueContext): Promise<Result<OpenedVenue>> {
  const { clock, logger, config, settings } = context;
  const { recordings, history, speed } = config.venue;
  const opened = await openRecording(recordings, history === null ? {} : { historyPath: history });
  if (!opened.ok) return opened;
  const recording = opened.value;
  const oldest = recording.history?.startMs;
  const market = digest(`${recordings.join('\n')}\n${speed}`);
  const key = `replay.session.${market}`;
  const stored = await settings.getSetting(key);
  if (!stored.ok) return stored;
  const previous = readSession(stored.value);
  const build = (startUs: number) =>
    createReplayExchange({ recording, clock, logger, sessionStartUs: timestampUs(startUs), speed });
  let session: Session = previous ?? { number: 1, startUs: clock.nowUs() };
  let model = build(session.startUs);
  if (model.ended()) {
    model.close();
    session = { number: session.number + 1, startUs: clock.nowUs() };
    model = build(session.startUs);
  }
  const kept = await settings.putSetting(key, `${session.number}:${session.startUs}`);
  if (!kept.ok) {
    model.close();
    return kept;
  }
  return serve(context, model, {
    accountSuffix: `replay:${market}:${session.number}`,
    rate: speed,
    endUs: model.endUs,
    history:
      oldest === undefined || recording.history === null
        ? null
        : { interval: recording.history.interval, fromUs: usFromMs(oldest) },
    onEnded: (listener) =>
      model.setVenueTimer(model.endUs, () =>
        listener('the recording has ended; start again to replay it from its beginning'),
      ),
  });
}
