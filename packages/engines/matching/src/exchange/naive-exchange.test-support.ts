/**
 * The exchange once more, as plainly as it can be written. Slow, and written apart from the engine, to hold it against.
 */
import {
  naiveCountFault,
  naiveFilterFault,
  naiveTermsFault,
  naiveQuantityFault,
  type Refused,
} from './naive-checks.test-support.ts';
import type { More, NaiveList, NaiveOrder } from './naive-order.test-support.ts';
import { least, NaiveState } from './naive-state.test-support.ts';
import type {
  AmendOrder,
  CancelOrder,
  CancelReplace,
  NewOrder,
  NewOrderList,
  OrderReference,
  OrderTerms,
} from './vocabulary.ts';

export class NaiveExchange extends NaiveState {
  place(request: NewOrder, us: number): string {
    this.us = Math.max(this.us, us);
    const checked = this.check(request.account, request);
    const result = 'refused' in checked ? checked.refused : this.placeChecked(request.account, checked.terms);
    this.settleDue();
    return Array.isArray(result) ? `${result[0]} ${result[1]}` : `placed ${(result as NaiveOrder).id}`;
  }

  placeList(request: NewOrderList, us: number): string {
    this.us = Math.max(this.us, us);
    const refused = this.enterList(request);
    this.settleDue();
    return refused === null ? 'placed' : `${refused[0]} ${refused[1]}`;
  }

  cancel(request: CancelOrder, us: number): string {
    this.us = Math.max(this.us, us);
    const refused = this.cancelNamed(request);
    return refused === null ? 'canceled' : `${refused[0]} ${refused[1]}`;
  }

  cancelAll(account: string, us: number): string {
    this.us = Math.max(this.us, us);
    const mine = this.open().filter((order) => order.account === account);
    const name = mine.length === 0 ? '' : this.newName(account);
    for (const order of mine) if (order.place !== 'gone') this.cancelOne(order, name);
    return mine.length === 0 ? '-2011 Unknown order sent.' : 'canceled';
  }

  cancelReplace(request: CancelReplace, us: number): string {
    this.us = Math.max(this.us, us);
    const { account } = request.order;
    const checked = this.check(account, request.order);
    if ('refused' in checked) return `${checked.refused[0]} ${checked.refused[1]} NOT_ATTEMPTED NOT_ATTEMPTED`;
    const cancelFault = this.cancelNamed(request.cancel);
    const canceled = cancelFault === null ? 'SUCCESS' : 'FAILURE';
    if (cancelFault !== null && request.mode === 'STOP_ON_FAILURE') {
      return `-2022 Order cancel-replace failed. ${canceled} NOT_ATTEMPTED`;
    }
    const placed = this.placeChecked(account, checked.terms);
    const failed = Array.isArray(placed);
    if (failed && cancelFault === null) {
      const ghost = this.newOrder(account, checked.terms);
      this.number(ghost);
      ghost.status = 'REJECTED';
      ghost.place = 'gone';
      this.report(ghost, 'REJECTED', { reason: reasonOf(placed as Refused) });
    }
    this.settleDue();
    const outcome = `${canceled} ${failed ? 'FAILURE' : 'SUCCESS'}`;
    if (failed === (cancelFault !== null)) {
      return failed ? `-2022 Order cancel-replace failed. ${outcome}` : outcome;
    }
    return `-2021 Order cancel-replace partially failed. ${outcome}`;
  }

  amend(request: AmendOrder, us: number): string {
    this.us = Math.max(this.us, us);
    const order = this.open().find((each) => each.account === request.account && each.id === request.orderId);
    if (order === undefined) return '-2038 Unknown order sent.';
    const { newQuantity } = request;
    if (newQuantity > order.quantity) return '-2038 Order amend (quantity increase) is not supported.';
    if (newQuantity === order.quantity) return '-2038 The requested action would change no state; rejecting.';
    if (order.amends >= (this.rules.orderAmendsMax ?? Infinity)) return '-2038 Filter failure: MAX_NUM_ORDER_AMENDS';
    const fault = naiveQuantityFault(this, order.terms, newQuantity);
    if (fault !== null) return `${fault[0]} ${fault[1]}`;
    if (newQuantity <= order.executed + order.prevented) return '-2038 Order amend would leave no quantity to execute.';
    const before = order.name;
    const name = request.newClientOrderId ?? this.newName(order.account);
    if (name !== before && this.named(order.account, name)) return '-2038 Duplicate order sent.';
    order.name = name;
    const pending = order.place === 'held' ? (order.list?.legs ?? []) : [];
    const sibling = this.sibling(order) ?? pending.find((leg) => leg !== order) ?? null;
    for (const each of sibling === null ? [order] : [order, sibling]) {
      each.quantity = newQuantity;
      each.amends += 1;
      each.shown = least(each.shown, this.remaining(each));
      this.report(each, 'REPLACED', { original: each === order ? before : each.name });
    }
    if (order.list !== null && name !== before) this.log.push(`list ${order.list.id} UPDATED`);
    return 'amended';
  }

  protected check(account: string, sent: OrderTerms): { readonly terms: OrderTerms } | { readonly refused: Refused } {
    const fault = naiveTermsFault(sent);
    if (fault !== null) return { refused: fault };
    let terms = sent;
    if (sent.quoteOrderQuantity !== null) {
      const quantity = this.quantityFor(account, sent, sent.quoteOrderQuantity);
      if (typeof quantity !== 'number') return { refused: quantity };
      terms = { ...sent, quantity: quantity as NonNullable<OrderTerms['quantity']> };
    }
    const refused = naiveFilterFault(this, account, terms) ?? naiveCountFault(this, account, [terms], 0);
    return refused === null ? { terms } : { refused };
  }

  protected quantityFor(account: string, terms: OrderTerms, budget: bigint): number | Refused {
    const against = terms.side === 'buy' ? 'sell' : 'buy';
    const noLot = (name: string): Refused => [-2010, `Order book liquidity is less than ${name} minimum quantity.`];
    if (this.queue(against).length === 0) return noLot('symbol');
    let lots = 0;
    let left = budget;
    for (const { price, quantity, own } of this.walk(account, terms, against)) {
      if (own) {
        const mode = terms.selfTradeMode ?? this.rules.selfTradeModeDefault;
        if (mode === 'EXPIRE_TAKER' || mode === 'EXPIRE_BOTH') break;
        continue;
      }
      const perLot = BigInt(price) * this.tickLotAmount;
      const most = left / perLot;
      const take = most < BigInt(quantity) ? Number(most) : quantity;
      lots += take;
      left -= perLot * BigInt(take);
      if (take < quantity) break;
    }
    const step = this.rules.marketQuantity?.step ?? 0;
    if (step > 0) lots -= lots % step;
    if (lots < 1 || lots < this.rules.quantity.min) return noLot('LOT_SIZE filter');
    return lots < (this.rules.marketQuantity?.min ?? 0) ? noLot('MARKET_LOT_SIZE filter') : lots;
  }

  protected placeChecked(account: string, terms: OrderTerms): NaiveOrder | Refused {
    if (terms.clientOrderId !== null && this.named(account, terms.clientOrderId)) {
      return [-2010, 'Duplicate order sent.'];
    }
    const order = this.newOrder(account, terms);
    const fault = this.startFault(order) ?? this.fundFault([order]);
    if (fault !== null) return fault;
    this.number(order);
    this.announce(order);
    this.start(order);
    return order;
  }

  protected announce(order: NaiveOrder): void {
    order.status = 'NEW';
    order.place = /^(STOP|TAKE)/.test(order.terms.type) ? 'waiting' : 'taking';
    this.report(order, 'NEW');
  }

  protected start(order: NaiveOrder): void {
    if (order.place === 'taking') {
      this.take(order);
      return;
    }
    this.turns += 1;
    order.armed = this.turns;
    const { trailingDelta, stopPrice } = order.terms;
    if (trailingDelta === null || this.last === null) return;
    if (stopPrice === null || this.stopMet(order, this.last)) order.followed = this.last;
  }

  protected take(order: NaiveOrder): void {
    const { terms } = order;
    const atMarket = terms.price === null;
    const allOrNothing = terms.timeInForce === 'fok' && !atMarket;
    if (allOrNothing && this.foresee(order).lots < this.remaining(order)) {
      this.end(order, 'EXPIRED', 'EXPIRED');
      return;
    }
    const against = terms.side === 'buy' ? 'sell' : 'buy';
    while (order.place === 'taking') {
      const maker = this.queue(against)[0];
      const price = maker?.terms.price ?? null;
      if (maker === undefined || price === null) break;
      if (terms.price !== null && (terms.side === 'buy' ? price > terms.price : price < terms.price)) break;
      this.breakPair(maker);
      const mode = terms.selfTradeMode ?? this.rules.selfTradeModeDefault;
      if (mode !== 'NONE' && this.related(order.account, maker.account)) this.prevent(order, maker, mode);
      else this.trade(order, maker, price);
    }
    if (order.place !== 'taking') return;
    if (atMarket || (terms.timeInForce ?? 'gtc') !== 'gtc') this.end(order, 'EXPIRED', 'EXPIRED');
    else {
      order.place = 'book';
      this.requeue(order);
    }
  }

  protected trade(taker: NaiveOrder, maker: NaiveOrder, price: number): void {
    const quantity = least(this.remaining(taker), maker.shown);
    this.matches += 1;
    const told = [maker, taker].map((order) => this.settle(order, price, quantity, order === maker));
    maker.shown -= quantity;
    if (maker.shown === 0 && this.remaining(maker) > 0) this.requeue(maker);
    this.last = price;
    this.trades.push({ price, quantity, us: this.us });
    const [buyer, seller] = taker.terms.side === 'buy' ? [taker, maker] : [maker, taker];
    this.log.push(`trade ${this.matches} ${price} ${quantity} #${buyer.id} #${seller.id} ${maker.terms.side}`);
    [maker, taker].forEach((order, index) => {
      const about = `${price} ${quantity} ${this.matches} ${order === maker} ${told[index]}`;
      if (this.remaining(order) > 0) {
        order.status = 'PARTIALLY_FILLED';
        this.report(order, 'TRADE', { about });
      } else this.end(order, order.executed === order.quantity ? 'FILLED' : 'EXPIRED_IN_MATCH', 'TRADE', { about });
    });
    this.trigger(price);
  }

  protected prevent(taker: NaiveOrder, maker: NaiveOrder, mode: string): void {
    const both = least(this.remaining(taker), this.remaining(maker));
    const loses = {
      EXPIRE_TAKER: [0, this.remaining(taker)],
      EXPIRE_MAKER: [this.remaining(maker), 0],
      EXPIRE_BOTH: [this.remaining(maker), this.remaining(taker)],
      DECREMENT: [both, both],
    }[mode];
    const number = this.preventions;
    this.preventions += 1;
    [maker, taker].forEach((order, index) => {
      const lost = loses?.[index] ?? 0;
      if (lost === 0) return;
      order.prevented += lost;
      order.shown = least(order.shown, this.remaining(order));
      const counter = order === maker ? taker : maker;
      const about = `prevented ${number} ${lost} ${both} ${maker.terms.price} #${counter.id}`;
      if (this.remaining(order) > 0) this.report(order, 'TRADE_PREVENTION', { about });
      else this.end(order, 'EXPIRED_IN_MATCH', 'TRADE_PREVENTION', { about });
    });
  }

  protected trigger(price: number): void {
    const waiting = this.orders.filter((order) => order.place === 'waiting' && order.armed > 0);
    const plain = waiting.filter((order) => order.terms.trailingDelta === null && this.stopMet(order, price));
    const rises = (order: NaiveOrder): boolean => order.terms.type.startsWith('STOP') === (order.terms.side === 'buy');
    const stop = (order: NaiveOrder): number => order.terms.stopPrice ?? 0;
    const hit = [
      ...plain.filter(rises).sort((left, right) => stop(left) - stop(right) || left.id - right.id),
      ...plain.filter((order) => !rises(order)).sort((left, right) => stop(right) - stop(left) || left.id - right.id),
    ];
    const trailing = waiting.filter((order) => order.terms.trailingDelta !== null);
    for (const order of trailing.sort((left, right) => left.armed - right.armed)) {
      const best = order.followed;
      const delta = BigInt(order.terms.trailingDelta ?? 0);
      const buys = order.terms.side === 'buy';
      if (best === null) {
        if (order.terms.stopPrice === null || this.stopMet(order, price)) order.followed = price;
        continue;
      }
      order.followed = buys ? Math.min(best, price) : Math.max(best, price);
      const at = BigInt(price) * 10_000n;
      const from = BigInt(order.followed);
      const back = buys ? at >= from * (10_000n + delta) : at <= from * (10_000n - delta);
      if (back && order.followed === best) hit.push(order);
    }
    for (const order of hit) order.place = 'due';
    this.due.push(...hit);
  }

  protected settleDue(): void {
    for (let next = this.due.shift(); next !== undefined; next = this.due.shift()) {
      if ('legs' in next) this.startLegs(next);
      else if (next.place === 'due') this.startDue(next);
    }
  }

  protected startDue(order: NaiveOrder): void {
    this.breakPair(order);
    const { terms } = order;
    if (terms.price === null && terms.side === 'buy') {
      order.place = 'taking';
      if (this.foresee(order).value > this.free(order.account, this.rules.quote)) {
        this.end(order, 'EXPIRED', 'EXPIRED', { reason: 'INSUFFICIENT_BALANCES' });
        return;
      }
    }
    order.place = 'taking';
    this.report(order, 'NEW');
    this.take(order);
  }

  protected startLegs(list: NaiveList): void {
    const [first, second] = list.legs;
    if (first === undefined) throw new Error('a list without legs');
    const fault =
      second === undefined
        ? (this.startFault(first) ?? this.fundFault([first]))
        : (this.pairFault(list.legs) ?? this.fundFault(list.legs));
    if (fault !== null) {
      for (const leg of list.legs) {
        leg.place = 'gone';
        leg.status = 'REJECTED';
        this.report(leg, 'REJECTED', { reason: reasonOf(fault) });
      }
      this.finish(list);
      return;
    }
    list.paired = second !== undefined;
    for (const leg of list.legs) this.announce(leg);
    for (const leg of list.legs) if (leg.place !== 'gone') this.start(leg);
  }

  /** Stop loss on one side of the last price, profit on the other; and a post-only leg must not take. */
  protected pairFault(legs: readonly NaiveOrder[]): Refused | null {
    for (const { terms } of legs) {
      const above = terms.type.startsWith('STOP') === (terms.side === 'buy');
      const profit = terms.type === 'LIMIT_MAKER' || terms.type === 'TAKE_PROFIT_LIMIT';
      for (const price of [terms.stopPrice, profit ? terms.price : null]) {
        if (price === null || this.last === null) continue;
        if (above ? price <= this.last : price >= this.last) {
          return [-2010, 'The relationship of the prices for the orders is not correct.'];
        }
      }
    }
    const maker = legs.find(({ terms }) => terms.type === 'LIMIT_MAKER');
    return maker === undefined ? null : this.startFault(maker);
  }

  protected breakPair(order: NaiveOrder): void {
    const sibling = this.sibling(order);
    if (order.list === null || sibling === null) return;
    order.list.paired = false;
    sibling.place = 'gone';
    sibling.status = 'EXPIRED';
    this.report(sibling, 'EXPIRED');
  }

  protected enterList(request: NewOrderList): Refused | null {
    const { account } = request;
    const all =
      request.kind === 'OCO'
        ? [request.above, request.below]
        : request.kind === 'OTO'
          ? [request.working, request.pending]
          : [request.working, request.above, request.below];
    for (const terms of all) {
      const fault = naiveTermsFault(terms) ?? naiveFilterFault(this, account, terms);
      if (fault !== null) return fault;
    }
    const counts = naiveCountFault(this, account, all, 1);
    if (counts !== null) return counts;
    const pair = request.kind === 'OTO' ? [request.pending] : [request.above, request.below];
    const legs = pair
      .map((terms) => this.newOrder(account, terms))
      .sort((left, right) => Number(right.terms.type.startsWith('STOP')) - Number(left.terms.type.startsWith('STOP')));
    const working = request.kind === 'OCO' ? null : this.newOrder(account, request.working);
    const fault =
      working === null
        ? (this.pairFault(legs) ?? this.fundFault(legs))
        : (this.startFault(working) ?? this.fundFault([working]));
    if (fault !== null) return fault;
    const name = this.newName(account);
    const list: NaiveList = { id: this.lists.length + 1, name, account, working, legs, paired: false, done: false };
    this.lists.push(list);
    for (const order of working === null ? legs : [working, ...legs]) {
      order.list = list;
      if (order !== working) order.place = 'held';
      this.number(order);
    }
    this.log.push(`list ${list.id} EXEC_STARTED`);
    if (working === null) {
      list.paired = true;
      for (const leg of legs) this.announce(leg);
      for (const leg of legs) if (leg.place !== 'gone') this.start(leg);
      return null;
    }
    this.announce(working);
    for (const leg of legs) {
      leg.status = 'PENDING_NEW';
      this.report(leg, 'NEW');
    }
    this.start(working);
    return null;
  }

  protected cancelNamed(request: CancelOrder): Refused | null {
    const order = this.find(request);
    if (order === undefined) return [-2011, 'Unknown order sent.'];
    const { restriction } = request;
    if (restriction !== null && restriction !== `ONLY_${order.status}`) {
      return [-2011, 'Order was not canceled due to cancel restrictions.'];
    }
    this.cancelOne(order, request.newClientOrderId ?? this.newName(order.account));
    return null;
  }

  protected find({ account, orderId, clientOrderId }: OrderReference): NaiveOrder | undefined {
    return this.open().find(
      (order) =>
        order.account === account &&
        (orderId === null || order.id === orderId) &&
        (clientOrderId === null || order.name === clientOrderId),
    );
  }

  protected cancelOne(order: NaiveOrder, name: string): void {
    this.end(order, 'CANCELED', 'CANCELED', { original: order.name, name });
  }

  protected end(order: NaiveOrder, status: string, kind: string, more: More = {}): void {
    order.place = 'gone';
    order.status = status;
    this.report(order, kind, more);
    const { list } = order;
    if (list === null || list.done) return;
    if (order === list.working && status === 'FILLED') {
      this.due.push(list);
      return;
    }
    list.paired = false;
    const rest = (list.working === null ? list.legs : [list.working, ...list.legs]).filter(
      ({ place }) => place !== 'gone',
    );
    const [next] = rest;
    if (next === undefined) {
      this.finish(list);
      return;
    }
    const { name } = more;
    if (status === 'CANCELED' && name !== undefined) this.cancelOne(next, name);
    else this.end(next, 'EXPIRED', 'EXPIRED');
  }

  protected finish(list: NaiveList): void {
    list.done = true;
    this.log.push(`list ${list.id} ALL_DONE`);
  }
}

function reasonOf([, message]: Refused): string {
  if (message.includes('insufficient balance')) return 'INSUFFICIENT_BALANCES';
  if (message.includes('trigger')) return 'STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY';
  if (message.includes('match')) return 'WOULD_MATCH_IMMEDIATELY';
  return message.includes('relationship') ? 'OCO_BAD_PRICES' : 'NONE';
}
