import { z } from 'zod';
import { isRemote, type VenueName } from './names.ts';

/** What may become of resting orders when nobody looks after them any more. */
const KEEPING = ['keep-protective', 'cancel-all'] as const;

/** Trading on an account of an exchange. The first three have no default that could be traded with: they are a person's word. */
export const liveSchema = z.strictObject({
  keys: z
    .string()
    .min(1)
    .max(40)
    .nullable()
    .default(null)
    .describe('name of a stored exchange key (`monsta exchange-keys add`)'),
  account: z
    .string()
    .regex(/^\d{1,20}$/, 'the exchange’s number of the account, as text: digits in quotes')
    .nullable()
    .default(null)
    .describe('the exchange’s number of the account (`uid`); a key of another account is refused'),
  exposureMax: z
    .string()
    .regex(/^\d{1,18}(\.\d{1,8})?$/, 'a plain decimal amount of the quote asset as text, e.g. "100"')
    .nullable()
    .default(null)
    .describe(
      'the most that all positions and open entries may be worth together, in the quote asset; exits always pass',
    ),
  onStop: z
    .enum([...KEEPING, 'keep-all'])
    .default('keep-protective')
    .describe('resting orders at a stop: entries are canceled and exits stay, all are canceled, or all stay'),
  watchdog: z
    .strictObject({
      onLoss: z
        .enum([...KEEPING, 'nothing'])
        .default('keep-protective')
        .describe(
          'resting orders when the program dies: entries are canceled and exits stay, all are canceled, or nothing',
        ),
      afterMs: z
        .number()
        .int()
        .min(3_000)
        .max(3_600_000)
        .default(15_000)
        .describe(
          'how long a program that is still there may be silent before it counts as dead; counted in beats of a second',
        ),
    })
    .prefault({}),
});
export type LiveConfig = z.output<typeof liveSchema>;

interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

interface Looked {
  readonly roles: readonly string[];
  readonly venue: { readonly name: VenueName };
  readonly trading: { readonly mode: string; readonly live: LiveConfig };
}

const NEEDED = {
  keys: 'the name of a stored exchange key: add it with `monsta exchange-keys add`',
  account: 'the exchange’s number of the account (`uid`), in quotes: the word of a person that this account is meant',
  exposureMax: 'the most that may be at stake, in the quote asset, in quotes, e.g. "100"',
} as const;

/** What live trading lacks. Nothing for the other modes. */
export function liveFaults({ roles, trading, venue }: Looked): readonly Fault[] {
  if (trading.mode !== 'live') return [];
  const faults: Fault[] = [];
  if (!isRemote(venue.name)) {
    const message = `the venue ${venue.name} has no account to trade live; take --venue binance-testnet first, then binance`;
    faults.push({ path: ['trading', 'mode'], message });
  }
  if (!roles.includes('ai-trading'))
    faults.push({ path: ['roles'], message: 'live trading needs the role ai-trading; add it' });
  for (const key of ['keys', 'account', 'exposureMax'] as const) {
    if (trading.live[key] === null)
      faults.push({ path: ['trading', 'live', key], message: `live trading needs ${NEEDED[key]}` });
  }
  return faults;
}
