import type { AccountContext, AccountMethod, ApiContext, ApiMethod } from '../api-method.ts';
import { balancesOf, fraction, optionsOf } from './account-methods.ts';
import { timeOf } from './order-json.ts';
import type { Permission } from './caller.ts';
import { rulesOf } from './order-parameters.ts';
import { conversions, deposits, withdrawals } from './wallet-history.ts';

const ZERO = '0';

/** `system/status`: where it is answered at all, the exchange runs. */
function systemStatus({ parameters }: ApiContext): unknown {
  parameters.finish();
  return { status: 0, msg: 'normal' };
}

/** `asset/tradeFee`, of one symbol or of all. */
function tradeFees(context: AccountContext): unknown {
  const { parameters, model } = context;
  const symbol = parameters.optionalSymbol();
  if (symbol !== null) rulesOf(context, symbol);
  parameters.finish();
  const { makerPpm, takerPpm } = optionsOf(context).fees;
  const symbols = symbol === null ? model.symbols().map(({ instrument }) => instrument.id) : [symbol];
  return symbols.map((each) => ({
    symbol: each,
    makerCommission: fraction(makerPpm),
    takerCommission: fraction(takerPpm),
  }));
}

/** `capital/config/getall`: the coins. None can be moved over a network: there is no chain behind a simulation. */
function coins(context: AccountContext): unknown {
  context.parameters.finish();
  return balancesOf(context, false).map(({ asset, free, locked }) => ({
    coin: asset,
    depositAllEnable: false,
    free,
    freeze: ZERO,
    ipoable: ZERO,
    ipoing: ZERO,
    isLegalMoney: false,
    locked,
    name: asset,
    networkList: [],
    storage: ZERO,
    trading: true,
    withdrawAllEnable: false,
    withdrawing: ZERO,
  }));
}

/** `account/apiRestrictions`: what the key that asks may do. */
function keyRestrictions(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  parameters.finish();
  const key = desk.keys.get(caller.apiKey);
  const may = (permission: Permission): boolean => key?.permissions.includes(permission) ?? false;
  return {
    ipRestrict: key !== null && key.addresses !== null,
    createTime: timeOf(desk.openedUs(caller.account), unit),
    enableReading: may('USER_DATA'),
    enableSpotAndMarginTrading: may('TRADE'),
    enableWithdrawals: may('WITHDRAW'),
    enableInternalTransfer: may('TRANSFER'),
    enableMargin: may('MARGIN'),
    enableFutures: may('FUTURES'),
    permitsUniversalTransfer: may('TRANSFER'),
    enableVanillaOptions: false,
    enablePortfolioMarginTrading: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
  };
}

/** `account/status`. */
function accountStatus(context: AccountContext): unknown {
  context.parameters.finish();
  return { data: optionsOf(context).canTrade ? 'Normal' : 'Locked' };
}

const query = (path: string, answer: (context: AccountContext) => unknown): AccountMethod => ({
  security: 'SIGNED',
  rest: { method: 'GET', path: `/sapi/v1/${path}` },
  socket: null,
  permission: 'USER_DATA',
  freeWhereDone: false,
  weight: () => 1,
  answer,
});

/** The few methods beside Spot's own that clients call: fees, coins, what the key may do, and what moved money beside orders. */
export const WALLET_METHODS: readonly ApiMethod[] = [
  {
    security: 'NONE',
    rest: { method: 'GET', path: '/sapi/v1/system/status' },
    socket: null,
    weight: () => 1,
    answer: systemStatus,
  },
  query('asset/tradeFee', tradeFees),
  query('capital/config/getall', coins),
  query('account/apiRestrictions', keyRestrictions),
  query('account/status', accountStatus),
  query('capital/deposit/hisrec', deposits),
  query('capital/withdraw/history', withdrawals),
  query('asset/dribblet', conversions),
];
