import { randomUUID } from 'node:crypto';
import {
  manualOrderSchema,
  strategyParametersChangeSchema,
  type CommandReply,
  type ManualOrderRequest,
  type StrategyMessage,
} from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { z } from 'zod';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { riskText } from './risk-text.ts';
import { askProgram, neverSent, refuse, type Ask } from './ask-program.ts';

const usage = (message: string): Result<never> => err('flag_invalid', message);

function needed(flags: FlagValues, name: string): Result<string> {
  const value = textOf(flags, name);
  return value === null || value === '' ? usage(`--${name} is needed`) : ok(value);
}

const reasonOf = (flags: FlagValues): string => textOf(flags, 'reason') ?? 'asked for on the command line';

const orderLine = ({
  clientOrderId,
  side,
  quantity,
  instrument,
  type,
  limitPrice,
  stopPrice,
  status,
}: CommandReply['orders'][number]): string =>
  [
    clientOrderId,
    status,
    side,
    quantity,
    instrument,
    type,
    ...(limitPrice === null ? [] : [`at ${limitPrice}`]),
    ...(stopPrice === null ? [] : [`from ${stopPrice}`]),
  ].join('  ');

const replyText =
  (done: string) =>
  ({ orders, repeated, note }: CommandReply): string =>
    [
      ...(repeated ? ['this request was answered before; nothing was done again'] : []),
      ...orders.map(orderLine),
      ...(note === null ? [] : [note]),
      ...(orders.length === 0 && note === null ? [done] : []),
    ].join('\n');

/** The words of a schema's refusal, each with the flag that it is about. */
function explain(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => {
      const [name = '', ...rest] = path.map(String);
      const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return `--${flag}${rest.length === 0 ? '' : ` (${rest.join('.')})`}: ${message}`;
    })
    .join('; ');
}

function jsonOf(flags: FlagValues, name: string): Result<unknown> {
  const text = textOf(flags, name);
  if (text === null) return ok(null);
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return usage(`--${name} is no JSON: ${text.slice(0, 80)}`);
  }
}

function orderFrom(flags: FlagValues): Result<ManualOrderRequest> {
  const exit = jsonOf(flags, 'exit');
  if (!exit.ok) return exit;
  for (const name of ['instrument', 'side', 'quantity']) {
    const given = needed(flags, name);
    if (!given.ok) return given;
  }
  const limitPrice = textOf(flags, 'limit-price');
  const trailing = textOf(flags, 'trailing-bps');
  const read = manualOrderSchema.safeParse({
    requestId: textOf(flags, 'request-id') ?? `cli-${randomUUID()}`,
    instrument: textOf(flags, 'instrument'),
    side: textOf(flags, 'side'),
    type: textOf(flags, 'type') ?? (limitPrice === null ? 'market' : 'limit'),
    timeInForce: textOf(flags, 'time-in-force') ?? 'gtc',
    quantity: textOf(flags, 'quantity'),
    limitPrice,
    stopPrice: textOf(flags, 'stop-price'),
    stopLimitPrice: textOf(flags, 'stop-limit-price'),
    trailingBps: trailing === null ? null : Number(trailing),
    icebergQuantity: textOf(flags, 'iceberg-quantity'),
    exit: exit.value,
    reason: textOf(flags, 'reason'),
  });
  return read.success ? ok(read.data) : usage(explain(read.error));
}

export async function ordersPlace(flags: FlagValues, output: Output): Promise<number> {
  const order = orderFrom(flags);
  if (!order.ok) return refuse(output, order.fault);
  let unsure = false;
  const place: Ask<CommandReply> = async (client) => {
    const placed = await client.placeOrder(order.value);
    unsure = !placed.ok && placed.fault.retry === 'unknown_outcome' && !neverSent(placed.fault);
    return placed;
  };
  const status = await askProgram(flags, output, true, ok(place), replyText('placed'));
  if (unsure)
    output.note(
      `it may have been placed; repeat it with --request-id ${order.value.requestId ?? ''} to be sure: it is placed once`,
    );
  return status;
}

export function ordersCancel(flags: FlagValues, output: Output): Promise<number> {
  const id = needed(flags, 'id');
  const ask: Result<Ask<CommandReply>> = id.ok ? ok((client) => client.cancelOrder(id.value)) : id;
  return askProgram(flags, output, true, ask, replyText('canceled'));
}

export function ordersCancelAll(flags: FlagValues, output: Output): Promise<number> {
  const [instrument, strategyId] = [textOf(flags, 'instrument'), textOf(flags, 'strategy')];
  const scope = {
    ...(instrument === null ? {} : { instrument }),
    ...(strategyId === null ? {} : { strategyId }),
    includeProtective: flags['include-protective'] === true,
  };
  return askProgram(
    flags,
    output,
    true,
    ok((client) => client.cancelOrders(scope)),
    replyText('no order is working there'),
  );
}

export function positionsClose(flags: FlagValues, output: Output): Promise<number> {
  const instrument = needed(flags, 'instrument');
  const strategyId = textOf(flags, 'strategy') ?? 'manual';
  const ask: Result<Ask<CommandReply>> = instrument.ok
    ? ok((client) =>
        client.closePosition({ instrument: instrument.value, strategyId, reason: textOf(flags, 'reason') }),
      )
    : instrument;
  return askProgram(flags, output, true, ask, replyText('closed'));
}

const setTrading =
  (state: 'ACTIVE' | 'REDUCING' | 'HALTED') =>
  (flags: FlagValues, output: Output): Promise<number> => {
    const change = { state, reason: reasonOf(flags), flatten: flags['flatten'] === true };
    return askProgram(
      flags,
      output,
      true,
      ok((client) => client.setTradingState(change)),
      (now) =>
        now.state === state
          ? `trading is ${now.state}`
          : `trading is ${now.state} still: ${now.reason ?? 'no reason given'}`,
    );
  };

export const tradingHalt = setTrading('HALTED');
export const tradingReduce = setTrading('REDUCING');
export const tradingResume = setTrading('ACTIVE');

export function tradingLimits(flags: FlagValues, output: Output): Promise<number> {
  return askProgram(
    flags,
    output,
    false,
    ok((client) => client.risk()),
    riskText,
  );
}

function strategyText({
  id,
  name,
  status,
  reason,
  instruments,
  intervals,
  parameters,
  warmUp,
  positions,
}: StrategyMessage): string {
  const short = warmUp.filter(({ bars, needed: wanted }) => bars < wanted);
  const state = `${id} (${name})  ${status}${reason === null ? '' : `: ${reason}`}`;
  const rows = [
    `instruments  ${instruments.join(', ')}${intervals.length === 0 ? '' : ` at ${intervals.join(', ')}`}`,
    `parameters   ${JSON.stringify(parameters)}`,
    ...short.map(
      ({ instrument, interval, bars, needed: wanted }) =>
        `warming up   ${instrument} ${interval}: ${bars} of ${wanted} bars`,
    ),
    ...(positions === null
      ? []
      : [
          `positions    ${positions.open} open, realised ${positions.realizedProfit}, unrealised ${positions.unrealizedProfit ?? 'unknown'}`,
        ]),
  ];
  return [state, ...rows.map((row) => `  ${row}`)].join('\n');
}

export function strategiesList(flags: FlagValues, output: Output): Promise<number> {
  return askProgram(
    flags,
    output,
    false,
    ok((client) => client.strategies()),
    ({ items, absence }) => (items === null ? `not known: ${absence.reason}` : items.map(strategyText).join('\n')),
  );
}

const setStrategy =
  (state: 'running' | 'reducing' | 'paused') =>
  (flags: FlagValues, output: Output): Promise<number> => {
    const id = needed(flags, 'id');
    const ask: Result<Ask<CommandReply>> = id.ok
      ? ok((client) => client.setStrategyState(id.value, { state, reason: reasonOf(flags) }))
      : id;
    return askProgram(flags, output, true, ask, replyText(`${id.ok ? id.value : ''} is ${state}`));
  };

export const strategiesStart = setStrategy('running');
export const strategiesPause = setStrategy('paused');
export const strategiesReduce = setStrategy('reducing');

export function strategiesSet(flags: FlagValues, output: Output): Promise<number> {
  const [id, given] = [needed(flags, 'id'), needed(flags, 'params')];
  const parameters = given.ok ? jsonOf(flags, 'params') : given;
  const read = parameters.ok ? strategyParametersChangeSchema.safeParse({ parameters: parameters.value }) : null;
  const ask = ((): Result<Ask<CommandReply>> => {
    if (!id.ok) return id;
    if (!parameters.ok) return parameters;
    if (read?.success !== true)
      return usage('--params must be a JSON object of numbers, texts and booleans, e.g. {"fast": 9}');
    return ok((client) => client.setStrategyParameters(id.value, read.data));
  })();
  return askProgram(flags, output, true, ask, replyText('set'));
}
