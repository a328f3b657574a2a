export type ParameterKind =
  | 'symbol'
  | 'symbols'
  | 'decimal'
  | 'integer'
  | 'text'
  | 'flag'
  | 'side'
  | 'type'
  | 'timeInForce'
  | 'interval'
  | 'choice';

export interface DocumentedParameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** A value that is right; `@bid`, `@ask`: a tenth below or above the market. */
  readonly good: string;
  readonly mandatory: boolean;
}

export interface DocumentedEndpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly signed: boolean;
  readonly parameters: readonly DocumentedParameter[];
}

const KINDS: Readonly<Record<string, ParameterKind>> = {
  symbol: 'symbol',
  symbols: 'symbols',
  side: 'side',
  workingSide: 'side',
  pendingSide: 'side',
  type: 'type',
  timeInForce: 'timeInForce',
  workingTimeInForce: 'timeInForce',
  interval: 'interval',
  computeCommissionRates: 'flag',
  omitZeroBalances: 'flag',
};
const CHOICES =
  /^(newOrderRespType|selfTradePreventionMode|cancelReplaceMode|cancelRestrictions|aboveType|belowType|workingType|pendingType|pendingAboveType|pendingBelowType|symbolStatus)$/;

function kindOf(name: string, good: string): ParameterKind {
  const known = KINDS[name];
  if (known !== undefined) return known;
  if (CHOICES.test(name)) return 'choice';
  if (/ClientOrderId$|OrderIds?$/.test(name) && !/^\d+$/.test(good)) return 'text';
  if (/[pP]rice$|Qty$|[qQ]uantity$/.test(name)) return 'decimal';
  return /^\d+$/.test(good) ? 'integer' : 'text';
}

/** `name=good`, optional ones with a question mark: `limit?=10`. */
function endpoint(line: string): DocumentedEndpoint {
  const [head = '', query = ''] = line.split('?? ');
  const [method = '', path = '', security = ''] = head.trim().split(/\s+/);
  const parameters = query
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const at = word.indexOf('=');
      const name = word.slice(0, at).replace('?', '');
      const good = word.slice(at + 1);
      return { name, good, kind: kindOf(name, good), mandatory: !word.slice(0, at).endsWith('?') };
    });
  return {
    method: method as DocumentedEndpoint['method'],
    path: `/api/v3/${path}`,
    signed: security === 'signed',
    parameters,
  };
}

/** The endpoints of rest-api.md with parameters that are right together: what fuzzing starts from. */
export const DOCUMENTED_ENDPOINTS: readonly DocumentedEndpoint[] = `
GET ping public ??
GET time public ??
GET exchangeInfo public ?? symbol?=BTCUSDT
GET exchangeInfo public ?? symbols?=["BTCUSDT","ETHUSDT"]
GET depth public ?? symbol=BTCUSDT limit?=10
GET trades public ?? symbol=BTCUSDT limit?=5
GET historicalTrades public ?? symbol=BTCUSDT limit?=5 fromId?=1
GET aggTrades public ?? symbol=BTCUSDT limit?=5
GET klines public ?? symbol=BTCUSDT interval=1m limit?=3
GET uiKlines public ?? symbol=ETHUSDT interval=1h limit?=3
GET avgPrice public ?? symbol=BTCUSDT
GET ticker/24hr public ?? symbol?=BTCUSDT
GET ticker/price public ?? symbol?=BTCUSDT
GET ticker/bookTicker public ?? symbols?=["BTCUSDT"]
GET ticker/tradingDay public ?? symbol=BTCUSDT
GET ticker public ?? symbol=BTCUSDT windowSize?=1h
GET account signed ?? omitZeroBalances?=true
GET account/commission signed ?? symbol=BTCUSDT
GET rateLimit/order signed ??
GET openOrders signed ?? symbol?=BTCUSDT
GET allOrders signed ?? symbol=BTCUSDT limit?=5 orderId?=1
GET myTrades signed ?? symbol=BTCUSDT limit?=5
GET myPreventedMatches signed ?? symbol=BTCUSDT orderId=1
GET myAllocations signed ?? symbol=BTCUSDT
GET allOrderList signed ?? limit?=5
GET openOrderList signed ??
DELETE openOrders signed ?? symbol=BTCUSDT
DELETE openOrders signed ?? symbol=ETHUSDT
GET order signed ?? symbol=BTCUSDT orderId=1
DELETE order signed ?? symbol=BTCUSDT origClientOrderId=none
POST order signed ?? symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC quantity=0.001 price=@bid newOrderRespType?=FULL
POST order signed ?? symbol=ETHUSDT side=SELL type=LIMIT timeInForce=GTC quantity=0.01 price=@ask selfTradePreventionMode?=EXPIRE_MAKER
POST order signed ?? symbol=BTCUSDT side=BUY type=MARKET quoteOrderQty=11
POST order signed ?? symbol=BTCUSDT side=SELL type=STOP_LOSS_LIMIT timeInForce=GTC quantity=0.001 price=@bid stopPrice=@bid
POST order/test signed ?? symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC quantity=0.001 price=@bid computeCommissionRates?=true
POST order/cancelReplace signed ?? symbol=BTCUSDT side=BUY type=LIMIT cancelReplaceMode=STOP_ON_FAILURE cancelOrderId=1 timeInForce=GTC quantity=0.001 price=@bid
PUT order/amend/keepPriority signed ?? symbol=BTCUSDT orderId=1 newQty=0.001
POST orderList/oco signed ?? symbol=BTCUSDT side=SELL quantity=0.001 aboveType=LIMIT_MAKER abovePrice=@ask belowType=STOP_LOSS belowStopPrice=@bid
POST orderList/oto signed ?? symbol=BTCUSDT workingType=LIMIT workingSide=BUY workingPrice=@bid workingQuantity=0.001 workingTimeInForce=GTC pendingType=MARKET pendingSide=SELL pendingQuantity=0.001
POST orderList/otoco signed ?? symbol=BTCUSDT workingType=LIMIT workingSide=BUY workingPrice=@bid workingQuantity=0.001 workingTimeInForce=GTC pendingSide=SELL pendingQuantity=0.001 pendingAboveType=LIMIT_MAKER pendingAbovePrice=@ask pendingBelowType=STOP_LOSS pendingBelowStopPrice=@bid
POST order/oco signed ?? symbol=BTCUSDT side=SELL quantity=0.001 price=@ask stopPrice=@bid
GET order/amendments signed ?? symbol=BTCUSDT orderId=1
GET myFilters signed ?? symbol=BTCUSDT
DELETE orderList signed ?? symbol=BTCUSDT orderListId=1
GET orderList signed ?? orderListId=1
`
  .trim()
  .split('\n')
  .map((line) => endpoint(line.endsWith('??') ? `${line} ` : line));
