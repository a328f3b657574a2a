import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configurationFrom } from '../commands/configuration-flags.ts';
import type { ConfigFault } from './load.ts';

const LIVE = { keys: 'main', account: '123', exposure_max: '100' };

describe('live trading has to be asked for', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'monsta-live-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const faults = async (
    file: object,
    flags: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<readonly string[]> => {
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify(file));
    const loaded = await configurationFrom({ config, ...flags }, environment);
    if (loaded.ok) return [];
    const found = loaded.fault.details?.['faults'] as readonly ConfigFault[];
    return found.map(({ where, message }) => `${where.replace(config, 'FILE')}: ${message}`);
  };
  const remote = { venue: 'binance-testnet', trading: 'live' };

  it('on the command line and in the configuration, both', async () => {
    expect(await faults({ trading: { live: LIVE } }, remote)).toEqual([]);
    expect(await faults({ trading: { mode: 'live', live: LIVE } }, remote)).toEqual([]);
    expect(await faults({ trading: { mode: 'live', live: LIVE } }, { ...remote, trading: 'paper' })).toEqual([]);
  });

  it('not by a file or an environment alone', async () => {
    const venue = { venue: 'binance-testnet' };
    expect(await faults({ trading: { mode: 'live', live: LIVE } }, venue)).toEqual([
      expect.stringMatching(/^file:FILE trading.mode: .*start with --trading live$/),
    ]);
    expect(await faults({ trading: { live: LIVE } }, venue, { MONSTA_TRADING__MODE: 'live' })).toEqual([
      expect.stringMatching(/^env:MONSTA_TRADING__MODE: .*start with --trading live$/),
    ]);
  });

  it('with key, account and limit, all that is missing told together', async () => {
    expect(await faults({}, remote)).toEqual([
      expect.stringContaining('trading.live.keys: live trading needs the name of a stored exchange key'),
      expect.stringContaining('trading.live.account: live trading needs'),
      expect.stringContaining('trading.live.exposure_max: live trading needs'),
    ]);
    const wrong = { keys: 'main', account: 123, exposure_max: '1e3' };
    expect(await faults({ trading: { live: wrong } }, remote)).toHaveLength(2);
  });

  it.each(['simulated', 'replay'])('never on the venue %s', async (venue) => {
    const found = await faults({ trading: { live: LIVE } }, { venue, trading: 'live' });
    expect(found).toContainEqual(
      expect.stringMatching(/^flag:--trading: .*has no account to trade live; take --venue binance-testnet first/),
    );
  });

  it('by the role that trades', async () => {
    expect(await faults({ trading: { live: LIVE } }, { ...remote, roles: 'price-collector' })).toEqual([
      expect.stringMatching(/^flag:--roles: .*ai-trading/),
    ]);
  });

  it('an address of the WebSocket API goes with the others', async () => {
    expect(await faults({}, { venue: 'binance', 'ws-api-url': 'ws://127.0.0.1:1' })).toEqual([
      expect.stringContaining('ws_api_url goes with'),
    ]);
  });
});
