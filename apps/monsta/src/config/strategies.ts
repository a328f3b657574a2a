import { sizingSchema, strategyLimitsSchema } from '@monsta/ai-trading/risk-config';
import { z } from 'zod';

export const instrumentName = z.string().regex(/^[A-Z0-9]{2,30}$/, 'a symbol in capitals, e.g. BTCUSDT');

/** Kept for what is no strategy’s: orders that a person places, and those at the exchange that nobody knows of. */
export const RESERVED_STRATEGY_IDS: readonly string[] = ['manual', 'unknown'];

/** One strategy to run: the same definition may run several times, under ids of its own. */
const strategyEntrySchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, "text of a-z, 0-9 and '-', at most 40 characters")
    .refine((id) => !RESERVED_STRATEGY_IDS.includes(id), 'is kept for orders that are no strategy’s; take another')
    .nullable()
    .default(null)
    .describe('what its orders, positions and decisions carry; null: the name that the strategy has'),
  strategy: z.string().min(1).describe('a shipped strategy’s name, or a .ts or .js file'),
  parameters: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('of the strategy; what is left out has its default'),
  instruments: z
    .array(instrumentName)
    .min(1)
    .max(50)
    .nullable()
    .default(null)
    .describe('what it trades, of those that are collected; null: all of them'),
  allocationPpm: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe('the share of equity that a target of 1 means; null: trading.role.allocation_ppm'),
  sizing: sizingSchema
    .nullable()
    .default(null)
    .describe('how its targets are sized, at most that share; null: as trading.role.sizing says'),
  limits: strategyLimitsSchema.prefault({}),
});
export type StrategyEntry = z.output<typeof strategyEntrySchema>;

/** What runs when nothing is said. */
const DEFAULT_ENTRY: StrategyEntry = {
  id: null,
  strategy: 'ema-cross',
  parameters: {},
  instruments: null,
  allocationPpm: null,
  sizing: null,
  limits: strategyLimitsSchema.parse({}),
};

export const strategiesSchema = z
  .array(strategyEntrySchema)
  .max(50)
  .default([])
  .describe('what is run, each with positions of its own; none: ema-cross');

/** The strategies that a configuration asks for: never none. */
export const strategyEntries = (given: readonly StrategyEntry[]): readonly StrategyEntry[] =>
  given.length === 0 ? [DEFAULT_ENTRY] : given;

interface Looked {
  readonly venue: { readonly instruments: readonly string[] | null };
  readonly trading: {
    readonly strategies: readonly StrategyEntry[];
    readonly role: {
      readonly allocationPpm: number;
      readonly risk: {
        readonly positionPpmMax: number;
        readonly dailyLossPpmMax: number;
        readonly drawdownPpmMax: number;
      };
    };
  };
}

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What does not fit between the strategies and the rest of the configuration, as far as it shows without loading them. */
export function strategyFaults({ venue, trading }: Looked): readonly Fault[] {
  const { strategies, role } = trading;
  const faults: Fault[] = [];
  for (const [index, { id, instruments, allocationPpm, limits }] of strategies.entries()) {
    const at = (key: string): Fault['path'] => ['trading', 'strategies', index, key];
    if (id !== null && strategies.findIndex((other) => other.id === id) < index)
      faults.push({ path: at('id'), message: `'${id}' is the id of another strategy already` });
    const repeated = instruments?.find((symbol, place) => instruments.indexOf(symbol) < place);
    if (repeated !== undefined) faults.push({ path: at('instruments'), message: `${repeated} is named twice` });
    const missing = (instruments ?? []).filter((symbol) => !(venue.instruments ?? instruments ?? []).includes(symbol));
    if (missing.length > 0) faults.push({ path: at('instruments'), message: notCollected(missing) });
    if (allocationPpm !== null && allocationPpm > role.risk.positionPpmMax) {
      const message = `must not be above trading.role.risk.position_ppm_max (${role.risk.positionPpmMax}), or every entry is denied`;
      faults.push({ path: at('allocationPpm'), message });
    }
    faults.push(
      ...limitFaults(limits, allocationPpm, role).map(({ key, message }) => ({
        path: [...at('limits'), key],
        message,
      })),
    );
  }
  return faults;
}

/** Limits of a strategy that its own size or the account's limits make useless. */
function limitFaults(
  { positionPpmMax, exposurePpmMax, dailyLossPpmMax, drawdownPpmMax }: StrategyEntry['limits'],
  ownPpm: number | null,
  { allocationPpm, risk }: Looked['trading']['role'],
): readonly { readonly key: string; readonly message: string }[] {
  const size = ownPpm ?? allocationPpm;
  const faults: { readonly key: string; readonly message: string }[] = [];
  const tooSmall = `must not be below its allocation (${size}), or its entries are denied`;
  if (positionPpmMax !== null && positionPpmMax < size) faults.push({ key: 'positionPpmMax', message: tooSmall });
  if (exposurePpmMax !== null && exposurePpmMax < size) faults.push({ key: 'exposurePpmMax', message: tooSmall });
  const never = (limit: string, ppm: number): string =>
    `must not be above trading.role.risk.${limit} (${ppm}), which stops the whole account before it`;
  if (dailyLossPpmMax !== null && dailyLossPpmMax > risk.dailyLossPpmMax)
    faults.push({ key: 'dailyLossPpmMax', message: never('daily_loss_ppm_max', risk.dailyLossPpmMax) });
  if (drawdownPpmMax !== null && drawdownPpmMax > risk.drawdownPpmMax)
    faults.push({ key: 'drawdownPpmMax', message: never('drawdown_ppm_max', risk.drawdownPpmMax) });
  return faults;
}

/** Says that a strategy is to trade what nobody collects, and how to mend it. */
export const notCollected = (symbols: readonly string[]): string =>
  `not collected: ${symbols.join(', ')}; name ${symbols.length === 1 ? 'it' : 'them'} in venue.instruments too (--instruments before the first --strategy)`;
