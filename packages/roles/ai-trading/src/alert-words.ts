import type { AlertKind } from '@monsta/core';

export type AlertLanguage = 'en' | 'ko';

/** A title and a text for each thing that is told. Reasons come from the kernel and stay as they are. */
export interface Words {
  readonly title: string;
  readonly text: string;
}

export interface FillFacts {
  readonly instrument: string;
  readonly strategyId: string;
  readonly orderId: string;
  readonly side: 'buy' | 'sell';
  readonly filled: string;
  readonly quantity: string;
  readonly base: string;
  readonly quote: string;
  readonly averagePrice: string | null;
  readonly value: string;
  /** `0.5 USDT, 0.001 BNB`; null while not all of them are known. */
  readonly fees: string | null;
  readonly slippageBps: number | null;
  readonly status: string;
  /** Of an exit plan; null for any other order. */
  readonly exit: 'stop' | 'take_profit' | null;
}

export interface DayFacts {
  readonly from: string;
  readonly to: string;
  readonly quote: string;
  readonly equity: string | null;
  readonly profit: string | null;
  readonly drawdown: string | null;
  readonly orders: number | null;
  readonly fills: number | null;
  readonly fees: string | null;
  readonly transfers: string | null;
}

export interface Wording {
  fill(facts: FillFacts): Words;
  stop(
    mode: 'exiting' | 'limit' | 'watched',
    instrument: string,
    strategyId: string,
    stopPrice: string | null,
    reason: string | null,
  ): Words;
  denied(instrument: string, strategyId: string, rule: string, message: string): Words;
  state(kind: Extract<AlertKind, 'halt' | 'reducing' | 'resumed'>, reason: string | null, by: string): Words;
  disconnect(what: readonly string[] | null, seconds: number, reason: string | null): Words;
  reconnect(what: readonly string[] | null): Words;
  divergence(code: string, message: string): Words;
  strategyFailed(message: string): Words;
  strategyHeld(message: string): Words;
  day(facts: DayFacts): Words;
}

const english: Wording = {
  fill(facts) {
    const { instrument, side, filled, base, averagePrice, quote, value, exit } = facts;
    const did = side === 'buy' ? 'bought' : 'sold';
    const partly = facts.filled === facts.quantity ? '' : ` of ${facts.quantity}`;
    const slippage = facts.slippageBps === null ? 'unknown' : `${facts.slippageBps} bps`;
    return {
      title: `${instrument}: ${exit === null ? '' : exit === 'stop' ? 'protective stop ' : 'take profit '}${did} ${filled} ${base} at ${averagePrice ?? '?'} ${quote}`,
      text: `${exit === null ? 'Order' : exit === 'stop' ? 'The protective order' : 'The take-profit order'} ${facts.orderId} of ${facts.strategyId} ${did} ${filled}${partly} ${base} at ${averagePrice ?? '?'} ${quote} on average, worth ${value} ${quote}; it is ${facts.status}. Fees: ${facts.fees ?? 'unknown'}. Slippage: ${slippage}.`,
    };
  },
  stop(mode, instrument, strategyId, stopPrice, reason) {
    const what = {
      exiting: ['stop reached', 'The price of the stop was reached; the position is being sold'],
      limit: [
        'stop waits as a limit order',
        'The price of the stop had been passed; a limit order rests at the venue in its place',
      ],
      watched: [
        'stop is watched here only',
        'No stop rests at the venue for (a part of) the position; MONSTA watches the price itself, which it can do only while it runs',
      ],
    }[mode];
    return {
      title: `${instrument}: ${what[0] ?? ''}`,
      text: `${what[1] ?? ''}. Strategy ${strategyId}, stop at ${stopPrice ?? '?'}.${reason === null ? '' : ` Reason: ${reason}.`}`,
    };
  },
  denied: (instrument, strategyId, rule, message) => ({
    title: `${instrument}: an order was denied by ${rule}`,
    text: `Strategy ${strategyId} wanted an order that a limit does not allow: ${message}`,
  }),
  state(kind, reason, by) {
    const title = {
      halt: 'Trading is HALTED',
      reducing: 'Trading is REDUCING: exits only',
      resumed: 'Trading is ACTIVE again',
    }[kind];
    return { title, text: `${title} (${by}).${reason === null ? '' : ` Reason: ${reason}`}` };
  },
  disconnect: (what, seconds, reason) => ({
    title: what === null ? 'The account’s reports do not reach us' : `No market data: ${what.join(', ')}`,
    text: `${what === null ? 'The exchange’s reports on the account have been missing' : `The feed of ${what.join(', ')} has not been live`} for ${seconds} s.${reason === null ? '' : ` Reason: ${reason}`}`,
  }),
  reconnect: (what) => ({
    title: what === null ? 'The account’s reports reach us again' : `Market data again: ${what.join(', ')}`,
    text:
      what === null
        ? 'The exchange’s reports on the account reach us again.'
        : `The feed of ${what.join(', ')} is live again.`,
  }),
  divergence: (code, message) => ({ title: `Ledger and venue differ: ${code}`, text: message }),
  strategyFailed: (message) => ({ title: 'A strategy has failed', text: message }),
  strategyHeld: (message) => ({ title: 'A strategy has reached its limit on losses', text: message }),
  day: ({ from, to, quote, equity, profit, drawdown, orders, fills, fees, transfers }) => ({
    title: `The day: ${profit === null ? 'profit unknown' : `${profit} ${quote}`}`,
    text: [
      `From ${from} to ${to}.`,
      `Equity: ${equity === null ? 'unknown' : `${equity} ${quote}`}.`,
      `Profit without deposits and withdrawals: ${profit === null ? 'unknown' : `${profit} ${quote}`}.`,
      `Below the peak: ${drawdown ?? 'unknown'}.`,
      `Orders filled: ${orders ?? 'unknown'}, in ${fills ?? 'unknown'} fills.`,
      `Fees: ${fees ?? 'unknown'}.`,
      `Deposits and withdrawals: ${transfers ?? 'unknown'}.`,
    ].join('\n'),
  }),
};

const korean: Wording = {
  fill(facts) {
    const { instrument, side, filled, base, averagePrice, quote, value, exit } = facts;
    const did = side === 'buy' ? '매수' : '매도';
    const partly = facts.filled === facts.quantity ? '' : ` / ${facts.quantity}`;
    const slippage = facts.slippageBps === null ? '알 수 없음' : `${facts.slippageBps} bps`;
    return {
      title: `${instrument}: ${exit === null ? '' : exit === 'stop' ? '보호 주문 ' : '익절 '}${filled} ${base} ${did}, 가격 ${averagePrice ?? '?'} ${quote}`,
      text: `${facts.strategyId}의 ${exit === null ? '주문' : exit === 'stop' ? '보호 주문' : '익절 주문'} ${facts.orderId}: ${filled}${partly} ${base} ${did}, 평균 ${averagePrice ?? '?'} ${quote}, 금액 ${value} ${quote}, 상태 ${facts.status}. 수수료: ${facts.fees ?? '알 수 없음'}. 슬리피지: ${slippage}.`,
    };
  },
  stop(mode, instrument, strategyId, stopPrice, reason) {
    const what = {
      exiting: ['손절가 도달', '손절가에 도달하여 포지션을 매도하고 있습니다'],
      limit: [
        '손절이 지정가 주문으로 대기 중',
        '손절가를 이미 지나, 그 자리에 지정가 주문이 거래소에 대기하고 있습니다',
      ],
      watched: [
        '손절을 프로그램만 감시 중',
        '포지션(또는 그 일부)의 손절 주문이 거래소에 없습니다. MONSTA가 실행되는 동안에만 직접 가격을 감시합니다',
      ],
    }[mode];
    return {
      title: `${instrument}: ${what[0] ?? ''}`,
      text: `${what[1] ?? ''}. 전략 ${strategyId}, 손절가 ${stopPrice ?? '?'}.${reason === null ? '' : ` 사유: ${reason}.`}`,
    };
  },
  denied: (instrument, strategyId, rule, message) => ({
    title: `${instrument}: 주문이 한도(${rule})로 거부되었습니다`,
    text: `전략 ${strategyId}의 주문을 한도가 허용하지 않습니다: ${message}`,
  }),
  state(kind, reason, by) {
    const title = { halt: '거래 중단 (HALTED)', reducing: '청산만 허용 (REDUCING)', resumed: '거래 재개 (ACTIVE)' }[
      kind
    ];
    return { title, text: `${title}, 주체: ${by}.${reason === null ? '' : ` 사유: ${reason}`}` };
  },
  disconnect: (what, seconds, reason) => ({
    title: what === null ? '계좌 보고가 끊겼습니다' : `시세 끊김: ${what.join(', ')}`,
    text: `${what === null ? '거래소의 계좌 보고가' : `${what.join(', ')}의 시세가`} ${seconds}초 동안 오지 않고 있습니다.${reason === null ? '' : ` 사유: ${reason}`}`,
  }),
  reconnect: (what) => ({
    title: what === null ? '계좌 보고가 다시 옵니다' : `시세 복구: ${what.join(', ')}`,
    text: what === null ? '거래소의 계좌 보고가 다시 옵니다.' : `${what.join(', ')}의 시세가 다시 옵니다.`,
  }),
  divergence: (code, message) => ({ title: `원장과 거래소가 다릅니다: ${code}`, text: message }),
  strategyFailed: (message) => ({ title: '전략이 실패했습니다', text: message }),
  strategyHeld: (message) => ({ title: '전략이 손실 한도에 도달했습니다', text: message }),
  day: ({ from, to, quote, equity, profit, drawdown, orders, fills, fees, transfers }) => ({
    title: `일일 요약: ${profit === null ? '손익 알 수 없음' : `손익 ${profit} ${quote}`}`,
    text: [
      `${from} ~ ${to}.`,
      `평가액: ${equity === null ? '알 수 없음' : `${equity} ${quote}`}.`,
      `입출금을 제외한 손익: ${profit === null ? '알 수 없음' : `${profit} ${quote}`}.`,
      `고점 대비 하락: ${drawdown ?? '알 수 없음'}.`,
      `체결된 주문: ${orders ?? '알 수 없음'}건, 체결 ${fills ?? '알 수 없음'}회.`,
      `수수료: ${fees ?? '알 수 없음'}.`,
      `입출금: ${transfers ?? '알 수 없음'}.`,
    ].join('\n'),
  }),
};

export const WORDING: Readonly<Record<AlertLanguage, Wording>> = { en: english, ko: korean };
