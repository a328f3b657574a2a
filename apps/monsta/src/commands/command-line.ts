import { helpText, parseArguments, type CommandSpec, type FlagValues } from '../cli/arguments.ts';
import { createOutput, type Output } from '../cli/output.ts';
import { additionFlags, dataFlags, doctorFlags, exchangeFlags, exportFlags } from './account-flags.ts';
import { BACKTEST_COMMANDS } from './backtest-flags.ts';
import { configurationFlags } from './configuration-flags.ts';
import { DATA_COMMANDS } from './data-flags.ts';
import { downloadFlags } from './download-flags.ts';
import { evaluateFlags } from './evaluate-flags.ts';
import { OPTIMIZATION_COMMANDS } from './optimize-flags.ts';
import { TABLE_COMMANDS } from './table-flags.ts';
import { changeFlags, runningFlags, TRADING_COMMANDS } from './trading-flags.ts';
import { VERSION } from '../version.ts';

type Run = (flags: FlagValues, output: Output) => Promise<number>;

/** A command and how to get at what it does; loaded when it is called, so that help and refusals need nothing. */
interface Command extends CommandSpec {
  readonly load: () => Promise<Run>;
}

const COMMANDS: readonly Command[] = [
  {
    words: ['start'],
    summary: 'runs the platform: collects, predicts, trades on paper or an account, serves page and API',
    flags: {
      ...configurationFlags,
      'renew-token': { type: 'boolean', help: 'make a new admin token; the old one stops working' },
    },
    load: async () => (await import('./start.ts')).start,
  },
  {
    words: ['watchdog'],
    summary: 'looks after the orders of a live account when the program that trades it is lost',
    flags: {
      ...configurationFlags,
      attached: { type: 'boolean', help: 'end with the first program; how start --trading live runs it' },
    },
    load: async () => (await import('./watchdog.ts')).watchdog,
  },
  {
    words: ['venue', 'simulate'],
    summary: 'serves the simulated market alone, as Binance serves its own',
    flags: {
      host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default 127.0.0.1)' },
      port: { type: 'string', value: 'N', help: 'port (default 9080; 0 takes any)' },
      seed: { type: 'string', value: 'N', help: 'seed of the market (default 1)' },
      edge: { type: 'string', value: 'N', help: 'how predictable it is, -0.5 to 0.5; 0 is not at all (default 0.05)' },
      'log-level': { type: 'string', value: 'LEVEL', help: 'debug, info, warn or error (default warn)' },
    },
    load: async () => (await import('./venue-simulate.ts')).venueSimulate,
  },
  ...BACKTEST_COMMANDS.map(({ run, ...spec }) => ({
    ...spec,
    load: async () =>
      run === 'backtest' ? (await import('./backtest.ts')).backtest : (await import('./backtests.ts'))[run],
  })),
  {
    words: ['data', 'download'],
    summary: 'fetches bars and trades of the past into the catalogue: the bulk archive first, REST for the rest',
    flags: downloadFlags,
    load: async () => (await import('./data-download.ts')).dataDownload,
  },
  ...DATA_COMMANDS.map(({ run, ...spec }) => ({
    ...spec,
    load: async () => {
      switch (run) {
        case 'dataList':
          return (await import('./data.ts')).dataList;
        case 'dataImport':
          return (await import('./data-import.ts')).dataImport;
        case 'dataExport':
          return (await import('./data-export.ts')).dataExport;
        case 'dataVerify':
          return (await import('./data-verify.ts')).dataVerify;
        case 'dataDescribe':
          return (await import('./data-describe.ts')).dataDescribe;
        case 'dataPrune':
          return (await import('./data-prune.ts')).dataPrune;
      }
    },
  })),
  ...OPTIMIZATION_COMMANDS.map(({ run, ...spec }) => ({
    ...spec,
    load: async () =>
      run === 'optimize' ? (await import('./optimize.ts')).optimize : (await import('./optimizations.ts'))[run],
  })),
  ...TABLE_COMMANDS.map(({ run, ...spec }) => ({
    ...spec,
    load: async () => (run === 'train' ? (await import('./train.ts')).train : (await import('./predict.ts')).predict),
  })),
  {
    words: ['models', 'list'],
    summary: 'the models of a running program: which serve, which have a vote, what was measured of them',
    flags: runningFlags,
    load: async () => (await import('./models.ts')).modelsList,
  },
  {
    words: ['models', 'show'],
    argument: 'ID',
    summary: 'one model: why it serves or does not, and what it learnt from',
    flags: runningFlags,
    load: async () => (await import('./models.ts')).modelsShow,
  },
  {
    words: ['models', 'promote'],
    argument: 'ID',
    summary: 'lets a kept model serve, in the place of the one of its line that does',
    flags: changeFlags,
    load: async () => (await import('./models.ts')).modelsPromote,
  },
  {
    words: ['models', 'retire'],
    argument: 'ID',
    summary: 'lets a model serve no more; none of its line does until the next training, or until one is promoted',
    flags: changeFlags,
    load: async () => (await import('./models.ts')).modelsRetire,
  },
  {
    words: ['evaluate'],
    summary:
      'judges a model on past bars, out of sample: skill over baselines, calibration, and what costs leave of it',
    flags: evaluateFlags,
    load: async () => (await import('./evaluate.ts')).evaluate,
  },
  {
    words: ['config', 'check'],
    summary: 'checks a configuration and prints what would be used; all faults together, nothing is opened',
    flags: configurationFlags,
    load: async () => (await import('./config-check.ts')).configCheck,
  },
  {
    words: ['export', 'fills'],
    summary: 'writes the fills of the ledger as CSV, also while the program runs',
    flags: { ...exportFlags, ...dataFlags },
    load: async () => (await import('./export.ts')).exportFills,
  },
  {
    words: ['export', 'round-trips'],
    summary: 'writes the round trips of the ledger (positions from flat to flat) as CSV, also while the program runs',
    flags: { ...exportFlags, ...dataFlags },
    load: async () => (await import('./export.ts')).exportRoundTrips,
  },
  {
    words: ['alerts', 'test'],
    summary: 'sends a test message through each channel of alerts, and says what became of it; 1 where one failed',
    flags: {
      channel: { type: 'string', value: 'NAME', help: 'through this one only (default all)' },
      ...configurationFlags,
    },
    discreet: true,
    load: async () => (await import('./alerts-test.ts')).alertsTest,
  },
  {
    words: ['strategy', 'new'],
    argument: 'NAME',
    summary: 'writes an example strategy with its test, ready to run, into a folder of your own',
    flags: { dir: { type: 'string', value: 'DIR', help: 'where (default a folder of that name)' } },
    load: async () => (await import('./strategy.ts')).strategyNew,
  },
  {
    words: ['strategy', 'test'],
    argument: 'FILE',
    summary: 'runs the test of a strategy',
    flags: {},
    load: async () => (await import('./strategy.ts')).strategyTest,
  },
  {
    words: ['backup'],
    argument: 'FOLDER',
    summary: 'copies ledger, journals and sealed keys into a new folder, also while the program runs',
    flags: {
      ...dataFlags,
      'with-key': { type: 'boolean', help: 'the master key too: whoever has the backup has the exchange keys' },
    },
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    words: ['restore'],
    argument: 'FOLDER',
    summary: 'checks a backup and puts it in the place of a data directory',
    flags: { ...dataFlags, force: { type: 'boolean', help: 'move aside what the data directory holds' } },
    load: async () => (await import('./backup.ts')).restoreBackup,
  },
  {
    words: ['replay'],
    argument: 'JOURNAL',
    summary: 'runs a journal of the trading kernel again and compares every command; 1 at the first difference',
    flags: {},
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    words: ['parity'],
    argument: 'JOURNAL',
    summary: 'holds what a journal’s run traded against a backtest of the same bars, trade by trade in basis points',
    flags: {
      'slippage-bps': {
        type: 'string',
        value: 'N',
        help: 'what a taker of the backtest pays over the open (default 0.5)',
      },
    },
    load: async () => (await import('./parity.ts')).parity,
  },
  {
    words: ['exchange-keys', 'add'],
    summary:
      'stores a key of an exchange, sealed, once the exchange has said what it may do; one that may withdraw is refused',
    flags: { ...additionFlags, ...exchangeFlags, ...dataFlags },
    discreet: true,
    load: async () => (await import('./exchange-keys.ts')).exchangeKeysAdd,
  },
  {
    words: ['exchange-keys', 'list'],
    summary: 'lists the keys of exchanges: what they may do, never the keys',
    flags: dataFlags,
    load: async () => (await import('./exchange-keys.ts')).exchangeKeysList,
  },
  {
    words: ['exchange-keys', 'remove'],
    summary: 'removes a key of an exchange',
    flags: { name: { type: 'string', value: 'NAME', help: 'which one' }, ...dataFlags },
    load: async () => (await import('./exchange-keys.ts')).exchangeKeysRemove,
  },
  {
    words: ['exchange-keys', 'rekey'],
    summary: 'changes the master key that seals the keys of exchanges',
    flags: dataFlags,
    load: async () => (await import('./exchange-keys.ts')).exchangeKeysRekey,
  },
  {
    words: ['doctor'],
    summary:
      'looks at everything between this machine and an exchange, and says what to do; 1 where something has failed',
    flags: { ...exchangeFlags, ...doctorFlags, ...dataFlags },
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    words: ['status'],
    summary: 'asks a running instance how it is',
    flags: runningFlags,
    load: async () => (await import('./status.ts')).status,
  },
  ...TRADING_COMMANDS.map(({ run, ...spec }) => ({
    ...spec,
    load: async () => (await import('./trading.ts'))[run],
  })),
];

/** Runs a command line. Exit status: 0 done, 1 failed, 2 bad usage. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (argv.length === 0 || argv[0] === '--help') {
    process.stdout.write(helpText(COMMANDS, null));
    return argv.length === 0 ? 2 : 0;
  }
  const parsed = parseArguments(argv, COMMANDS);
  if (!parsed.ok) {
    createOutput(argv.includes('--json')).fault(parsed.fault);
    return 2;
  }
  const { command, flags } = parsed.value;
  if (flags['help'] === true) {
    process.stdout.write(helpText(COMMANDS, command));
    return 0;
  }
  const run = await command.load();
  return run(flags, createOutput(flags['json'] === true));
}
