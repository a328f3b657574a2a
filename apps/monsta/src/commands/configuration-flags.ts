import { err, ok, type Result } from '@monsta/core';
import { groupsOf, type FlagGroup, type FlagSpec, type FlagValues } from '../cli/arguments.ts';
import { configFault, loadConfig, type ConfigFault, type FlagOnly, type FlagOverride } from '../config/load.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { ROLE_NAMES, VENUE_NAMES } from '../config/names.ts';

interface ConfigurationFlag extends FlagSpec {
  readonly path: readonly string[];
  /** The flag's text as the configuration holds it; null where it can't be read. */
  read(text: string): unknown;
  readonly expects?: string;
}

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => (text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text));
const asList = (text: string): unknown => text.split(',').map((part) => part.trim());
const asSymbols = (text: string): unknown => text.split(',').map((part) => part.trim().toUpperCase());
function asObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const flag = (path: string, value: string, help: string, read = asText, expects?: string): ConfigurationFlag => ({
  type: 'string',
  path: path.split('.'),
  value,
  help,
  read,
  ...(expects === undefined ? {} : { expects }),
});

const NUMBER = 'a number';

/** Flags that stand for configuration keys; they win over the environment and the file. */
const CONFIGURATION_FLAGS: Readonly<Record<string, ConfigurationFlag>> = {
  roles: flag('roles', 'A,B', `roles to run: ${ROLE_NAMES.join(', ')} (default all)`, asList),
  venue: flag('venue.name', 'NAME', `${VENUE_NAMES.join(', ')} (default simulated)`),
  history: flag('venue.history', 'FILE', 'older bars for a replay: CSV, plain or .gz'),
  speed: flag('venue.speed', 'N', 'how many times as fast a replay runs (default 1)', asNumber, NUMBER),
  seed: flag('venue.seed', 'N', 'seed of the simulated market (default 1)', asNumber, NUMBER),
  edge: flag('venue.edge', 'N', 'how predictable it is, -0.5 to 0.5; 0 is not at all (default 0.05)', asNumber, NUMBER),
  instruments: {
    ...flag(
      'venue.instruments',
      'A,B',
      'symbols to collect, e.g. BTCUSDT,ETHUSDT; behind a --strategy those of them that it trades (default all)',
      asSymbols,
    ),
    follows: 'strategy',
    alone: true,
  },
  'rest-url': flag('venue.restUrl', 'URL', 'another server that speaks Binance’s protocol, with --ws-url'),
  'ws-url': flag('venue.wsUrl', 'URL', 'its WebSocket address'),
  'ws-api-url': flag('venue.wsApiUrl', 'URL', 'its WebSocket API (default as --ws-url)'),
  trading: flag('trading.mode', 'MODE', 'off, paper, or live with trading.live of the configuration (default paper)'),
  host: flag('http.host', 'ADDRESS', 'address to listen on (default 127.0.0.1)'),
  port: flag('http.port', 'N', 'port of page and API (default 8080; 0 takes any)', asNumber, NUMBER),
  'data-dir': flag('dataDir', 'DIR', 'where ledger and journals lie (default .monsta)'),
  'log-level': flag('log.level', 'LEVEL', 'debug, info, warn or error (default info)'),
};

/** Of `data download` alone. */
const ARCHIVE_FLAG = flag('venue.archiveUrl', 'URL', 'the bulk archive of a server in the exchange’s place');

/** The flags of every command that reads a configuration. */
export const configurationFlags: Readonly<Record<string, FlagSpec>> = {
  config: { type: 'string', value: 'FILE', help: 'configuration file (JSON)' },
  recording: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: 'recording for --venue replay; may be given several times',
  },
  strategy: {
    type: 'string',
    leads: true,
    value: 'FILE|NAME',
    help: 'a strategy file, or a shipped one (default ema-cross); may be given several times',
  },
  params: { type: 'string', follows: 'strategy', value: 'JSON', help: 'parameters of the --strategy before it' },
  ...CONFIGURATION_FLAGS,
};

/** The strategies of a command line as the configuration holds them; a fault for each that can't be read. */
function strategiesOf(groups: readonly FlagGroup[], faults: ConfigFault[]): readonly unknown[] {
  return groups.map(({ value: strategy, followers: { params, instruments } }) => {
    const parameters = params === undefined ? {} : asObject(params);
    if (parameters === null)
      faults.push({
        where: 'flag:--params',
        message: `'${(params ?? '').slice(0, 60)}' is not a JSON object, e.g. '{"fast":12}'`,
      });
    return {
      strategy,
      parameters: parameters ?? {},
      instruments: instruments === undefined ? null : asSymbols(instruments),
    };
  });
}

/** Real money is nothing that a file or an environment may bring along unseen. */
const FLAG_ONLY: readonly FlagOnly[] = [
  {
    path: ['trading', 'mode'],
    value: 'live',
    message: 'live trading is asked for on the command line only: take this away and start with --trading live',
  },
];

/** The configuration that a command line asks for. Fault `config_invalid` with all faults of flags, environment and file. */
export async function configurationFrom(
  flags: FlagValues,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<MonstaConfig>> {
  const overrides: FlagOverride[] = [];
  const faults: ConfigFault[] = [];
  for (const [name, spec] of Object.entries({ ...CONFIGURATION_FLAGS, 'archive-url': ARCHIVE_FLAG })) {
    const text = flags[name];
    if (typeof text !== 'string') continue;
    const value = spec.read(text);
    if (value === null)
      faults.push({ where: `flag:--${name}`, message: `'${text.slice(0, 60)}' is not ${spec.expects ?? 'readable'}` });
    else overrides.push({ flag: `--${name}`, path: spec.path, value });
  }
  const groups = groupsOf(flags, 'strategy');
  if (groups.length > 0)
    overrides.push({ flag: '--strategy', path: ['trading', 'strategies'], value: strategiesOf(groups, faults) });
  if (Array.isArray(flags['recording']))
    overrides.push({ flag: '--recording', path: ['venue', 'recordings'], value: flags['recording'] });
  const file = typeof flags['config'] === 'string' ? flags['config'] : null;
  const { monstaConfigSchema } = await import('../config/schema.ts');
  const loaded = loadConfig(monstaConfigSchema, { file, environment, overrides, flagOnly: FLAG_ONLY });
  if (faults.length === 0) return loaded.ok ? ok(loaded.value) : loaded;
  const more = loaded.ok ? [] : ((loaded.fault.details?.['faults'] ?? []) as readonly ConfigFault[]);
  const all = configFault([...faults, ...more]);
  return err(all.code, all.message, { details: all.details ?? {} });
}

/** The flags of a configuration as they were typed, for another process that is to read the same. */
export function configurationArguments(flags: FlagValues): readonly string[] {
  const single = Object.entries(configurationFlags).flatMap(([name, { leads }]) => {
    const value = flags[name];
    if (leads === true) return [];
    if (typeof value === 'string') return [`--${name}=${value}`];
    return Array.isArray(value) ? value.map((each) => `--${name}=${String(each)}`) : [];
  });
  const groups = groupsOf(flags, 'strategy').flatMap(({ value, followers }) => [
    `--strategy=${value}`,
    ...Object.entries(followers).map(([name, text]) => `--${name}=${text}`),
  ]);
  return [...single, ...groups];
}
