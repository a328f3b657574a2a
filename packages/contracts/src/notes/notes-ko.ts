import { countText, fileText, minuteText, missingShareText, percentText, rulesText } from './note-format.ts';
import type { NoteTexts, NoteValues, SizingTold } from './note-values.ts';

function dataBars(values: NoteValues['data-bars']): string {
  const { instrument, bars, interval, startMs, endMs, gaps, missingBars, emptyBars, gapRule } = values;
  const behind =
    gapRule === 'break'
      ? '빈 곳이 지나면 지표는 실거래에서처럼 새로 시작합니다'
      : '지표는 빈 곳 양쪽의 봉을 이웃으로 봅니다';
  const holes =
    gaps === 0
      ? '빠진 봉은 없습니다'
      : `봉 ${countText(missingBars)}개가 ${countText(gaps)}곳에서 빠져 있으며, ${behind}`;
  const quiet = emptyBars === 0 ? '' : ` 봉 ${countText(emptyBars)}개에는 거래가 없었지만 주문은 체결됩니다.`;
  return `데이터: ${instrument}, ${interval ?? '–'} 봉 ${countText(bars)}개, ${minuteText(startMs)} ~ ${minuteText(endMs)} UTC. ${holes}.${quiet}`;
}

function warmUp({ bars, interval, before }: NoteValues['warm-up']): string {
  const needs = `준비 구간: 전략은 첫 결정 전에 마감된 ${interval} 봉 ${countText(bars)}개가 필요합니다`;
  if (before === null) return `${needs}. 데이터의 처음 봉들을 여기에 쓰며, 곡선도 거기서 시작합니다.`;
  const few = before.bars < bars ? ' 모자라므로 그 뒤의 처음 봉들도 씁니다.' : '';
  return `${needs}. ${minuteText(before.fromMs)} UTC 이전의 봉 ${countText(before.bars)}개는 이 용도로만 씁니다.${few}`;
}

function fillsBars({ acts, limits, volumeShare }: NoteValues['fills-bars']): string {
  const when = {
    'next-open': '봉의 종가에서 결정한 것은 다음 봉의 시가에 실행됩니다',
    'next-close': '봉의 종가에서 결정한 것은 다음 봉의 종가에 실행되고, 걸어 두는 주문은 그때부터 유효합니다',
    close:
      '봉의 종가에서 결정한 것이 바로 그 종가에 체결됩니다. 누구도 얻을 수 없는 가격이며, 한순간 미래를 보는 셈입니다',
  }[acts];
  const share =
    volumeShare === null
      ? '수량은 제약이 아닙니다. 계좌가 수수료와 슬리피지까지 낼 수 있는 만큼 모두 체결되고, 낼 수 없는 몫은 줄어듭니다'
      : `모든 주문을 합쳐 봉 거래량의 최대 ${percentText(volumeShare)}까지 체결됩니다`;
  return `체결: ${when}. 스톱은 발동가에, 봉이 그 너머에서 열리면 시가에 체결됩니다. 지정가는 가격이 ${limits === 'through' ? '그 값을 지나갈 때' : '그 값에 닿을 때'} 그 값에, 시가가 더 좋으면 시가에 체결됩니다. ${share}.`;
}

function feesOf(fills: string, { makerFeeBps, takerFeeBps, feesFrom, quote }: NoteValues['fees']): string {
  const rate = makerFeeBps === takerFeeBps ? `${takerFeeBps}bp` : `테이커 ${takerFeeBps}bp, 메이커 ${makerFeeBps}bp`;
  const from =
    feesFrom === 'quote' ? `${quote}로 내며 소수 여덟째 자리로 올림합니다` : '바이낸스처럼 받은 자산에서 뗍니다';
  return `수수료: ${fills}의 ${rate}. ${from}.`;
}

const fees = (given: NoteValues['fees']): string => feesOf('체결 금액', given);

const feesOnEntries = (given: NoteValues['fees']): string =>
  `${feesOf('포지션을 열거나 늘리는 체결 금액', given)} 포지션을 줄이는 체결에는 수수료가 없습니다. 포지션을 뒤집는 주문은 새로 여는 몫만 냅니다.`;

function commission({ feePerOrder, feePerUnit, feeMinimum, quote }: NoteValues['commission']): string {
  const parts = [
    ...(Number(feePerOrder) === 0 ? [] : [`주문마다 첫 체결과 함께 ${feePerOrder} ${quote}`]),
    ...(Number(feePerUnit) === 0 ? [] : [`체결된 단위마다 ${feePerUnit} ${quote}`]),
    ...(Number(feeMinimum) === 0 ? [] : [`한 주문의 수수료 합계는 첫 체결부터 최소 ${feeMinimum} ${quote}`]),
  ];
  return `위 수수료에 더해지는 위탁 수수료: ${parts.join(', ')}. 수수료가 없는 체결은 어디에도 세지 않습니다.`;
}

function slippageOf({ slippage, data }: NoteValues['slippage']): string {
  const met = data === 'ticks' ? '표시된 가격' : '봉의 가격';
  const traded = data === 'ticks' ? '직전 한 분의 거래량' : '봉 거래량';
  switch (slippage.kind) {
    case 'none':
      return `없음. 시장가와 스톱은 ${met} 그대로 체결됩니다`;
    case 'rate':
      return `시장가와 스톱은 ${met}보다 ${slippage.bps}bp 불리하게, 불리한 쪽 호가 단위로 맞춰 체결됩니다`;
    case 'ticks':
      return `시장가와 스톱은 ${met}보다 ${slippage.ticks}틱 불리하게 체결됩니다`;
    case 'square-root':
      return `시장가와 스톱은 ${met}보다 ${slippage.bps}bp × √(수량 ÷ ${traded})만큼 불리하게 체결됩니다`;
    case 'spread':
      return `시장가와 스톱은 호가보다 스프레드의 ${percentText(slippage.share)}만큼 불리하게 체결됩니다`;
  }
}

function worth(sizing: SizingTold, quote: string): string {
  const share = percentText(sizing.equityShare);
  switch (sizing.kind) {
    case 'fraction':
      return `자산의 ${share}`;
    case 'fixed':
      return `${sizing.amount} ${quote} (최대 자산의 ${share})`;
    case 'units':
      return `기초 자산 ${sizing.quantity} (최대 자산의 ${share})`;
    case 'volatility':
      return `포지션 × 최근 수익률 ${sizing.bars}개의 변동성이 연 ${percentText(sizing.target)}가 되는 크기 (최대 자산의 ${share})`;
    case 'kelly':
      return `최근 거래 ${sizing.tradesMax}건의 켈리 비율 × ${sizing.scale} (최대 자산의 ${percentText(sizing.cap)}, 거래가 ${sizing.tradesMin}건이 되기 전에는 ${percentText(sizing.fallback)})`;
  }
}

const SIZED_FROM = {
  fill: '주문이 체결되는 가격',
  close: '주문을 결정한 종가',
  trade: '주문을 결정할 때의 마지막 체결가',
} as const;

const LAST = { close: '마지막 종가', open: '마지막 봉의 시가' } as const;

const OFFERS = {
  quotes: '기록된 최우선 매수·매도 호가를, 표시된 수량까지',
  depth: '기록된 호가창의 각 단계를',
  both: '최우선 호가를 최신 값으로 맞춘, 기록된 호가창의 각 단계를',
  trades:
    '호가 기록이 없으므로 체결에서 미루어 본 호가를, 곧 누군가 마지막으로 판 값을 최우선 매수 호가로, 산 값을 최우선 매도 호가로, 그 값에 잇달아 체결된 수량까지',
} as const;

const QUEUES = {
  through: '그 값을 넘는 체결이 있거나 반대편 호가가 지나갈 때만 체결됩니다',
  queue: '들어올 때 그 값에 표시된 수량 모두의 뒤에 서며, 체결이 있어야만 앞으로 나아갑니다',
  'queue-probable': '그 값에 표시된 수량의 뒤에 서며, 체결 없이 사라진 수량은 앞뒤에 비례해 있었다고 봅니다',
  touch: '그 값의 첫 체결과 함께 체결됩니다',
} as const;

const STOPPING = { median: '중앙값', halving: '반씩 줄이기' } as const;

/** `notes-en.ts` in Korean. */
export const NOTES_KO: NoteTexts = {
  'data-bars': dataBars,
  'warm-up': warmUp,
  'fills-bars': fillsBars,
  'path-unknown': ({ interval }) =>
    `${interval} 봉 안의 경로는 알 수 없습니다. 손절과 익절이 한 봉 안에 함께 있으면 손절이 먼저라고 봅니다.`,
  'path-finer': ({ interval }) =>
    `${interval} 봉 안의 경로는 함께 준 더 짧은 봉을 따르며, 그 봉 안에서는 손절이 먼저입니다.`,
  fees,
  'fees-on-entries': feesOnEntries,
  commission,
  slippage: (values) => `슬리피지: ${slippageOf(values)}.`,
  sizing: ({ cash, quote, sizing, from, rebalanceBand }) =>
    `수량: 계좌는 ${cash} ${quote}로 시작합니다. 목표 1은 ${worth(sizing, quote)}이며, 최소 수량 단위로 내림하고 ${SIZED_FROM[from]}에서 계산합니다. 보유량과의 차이가 그 ${percentText(rebalanceBand)}보다 작은 목표는 아무것도 바꾸지 않습니다.`,
  terms: ({ instrument, tick, tickFrom, lot, notionalMin }) =>
    `${instrument} 거래 조건: 호가 단위 ${tick} (${tickFrom === 'data' ? '데이터에서 가장 작은 자릿수' : '그 사이 가격은 가까운 쪽으로 맞춤'}), 수량 단위 ${lot}, ${Number(notionalMin) === 0 ? '주문 최소 금액 없음' : `주문 최소 금액 ${notionalMin}`}.`,
  'long-only': () => '롱 전용: 0 아래의 목표나 보유하지 않은 것의 매도는 거부됩니다.',
  shorts: ({ initialMargin }) =>
    `증거금을 두고 숏을 허용합니다. 계좌의 자기 자금이 모든 포지션의 ${percentText(initialMargin)} 이상이어야 합니다. 실제 숏과 달리 대차 이자와 펀딩을 내지 않고 강제 청산도 없습니다.`,
  limits: ({ limits }) =>
    limits === 'none'
      ? '위험 한도: 없음. 현금이 허락하는 한 전략이 요청한 대로 보냅니다.'
      : '위험 한도: 모의·실거래와 같이 설정의 trading.role을 따릅니다. 여기서도 수량을 정하고 거부하고 멈춥니다.',
  year: ({ yearDays }) =>
    yearDays === null
      ? '한 해: 24시간씩 365일. 연 단위 수치는 실제로 지난 시간을 따릅니다.'
      : `한 해: 사이에 무엇이 있든 데이터에 있는 날 ${yearDays}일. 연 단위 수치는 그 날의 수를 따릅니다.`,
  'end-of-training': ({ endOfData }) =>
    `매개변수를 고르는 봉이 끝날 때 남은 포지션은 ${endOfData === 'mark' ? '마지막 종가에 평가합니다' : `${LAST[endOfData]}에 수수료와 슬리피지를 내고 청산합니다`}.`,
  end: ({ endOfData, data }) =>
    endOfData !== 'mark'
      ? `끝: 남은 포지션은 ${LAST[endOfData]}에 수수료와 슬리피지를 내고 청산합니다.`
      : `끝: 남은 포지션은 마지막 ${data === 'ticks' ? '체결가' : '종가'}로 평가해 미청산으로 표시하며, 청산하지 않습니다.`,
  'bars-off-grid': ({ instrument, interval, minutes }) =>
    `${instrument} 봉은 파일 그대로 UTC 기준 ${interval} 간격의 시작보다 ${minutes}분 늦게 시작합니다.`,
  'bars-cannot-tell': ({ days }) =>
    `봉으로는 알 수 없는 것: 스프레드, 호가창의 깊이, 주문이 도착하는 데 걸리는 시간, 주문 때문에 시장이 움직였을지.${days ? ' 일봉의 하루는 UTC 기준입니다.' : ''}`,

  'data-ticks': ({ instrument, trades, quotes, bookChanges, startMs, endMs }) =>
    `데이터: ${instrument}, 체결 ${countText(trades)}건, 호가 ${countText(quotes)}건, 호가창 변경 ${countText(bookChanges)}건, ${minuteText(startMs)} ~ ${minuteText(endMs)} UTC에 기록.`,
  'bars-from-trades': () =>
    '봉은 체결로 만들며 그다음 첫 체결과 함께 알려집니다. 기록이 시작될 때 진행 중이던 봉은 뺍니다.',
  'fills-ticks': ({ offers, queue }) =>
    `체결: 테이커는 ${OFFERS[offers]} 만납니다. 걸어 둔 지정가는 ${QUEUES[queue]}. 주문에 반응하는 다른 참가자는 없습니다.`,
  latency: ({ latency }) =>
    latency === null
      ? '지연: 없음. 주문은 계기가 된 사건과 같은 순간에 실행됩니다.'
      : `지연: 데이터는 ${latency.feedMs}ms 늦게 도착하고, 주문은 ${latency.orderMs}ms, 응답은 ${latency.responseMs}ms 걸립니다.`,
  'ticks-cannot-tell': ({ pointMs }) =>
    `곡선에는 ${pointMs / 1_000}초마다 점이 있습니다. 기록으로는 다른 참가자가 주문에 어떻게 반응했을지, 무엇이 빠졌는지 알 수 없습니다.`,

  search: ({ sampler, parameters, points, trials, direction, objective, seed, ahead }) =>
    `탐색: ${sampler}로 ${parameters.join(', ')} 탐색 (${points === null ? '경우의 수 무한' : `경우의 수 ${countText(points)}`}), 구간마다 최대 ${countText(trials)}회, ${objective} ${direction === 'max' ? '최대' : '최소'}가 목표. 시드 ${seed}, 가장 최근 ${ahead}회를 뺀 모든 시도를 알고 고릅니다. 전략이 거부하는 조합은 실행하지 않습니다.`,
  'walk-forward': ({ windows, train, tests }) =>
    `전진 분석: ${countText(windows)}개 구간. 각 구간에서 검증 이전의 봉만으로 매개변수를 고르고 (첫 구간 ${minuteText(train.fromMs)} ~ ${minuteText(train.toMs)} UTC), 그 뒤의 봉으로 검증합니다 (모두 ${minuteText(tests.fromMs)} ~ ${minuteText(tests.toMs)} UTC). 기간 앞의 봉은 지표 준비에 씁니다. 검증은 매번 앞 검증이 끝난 현금으로 포지션 없이 시작하며, 끝에 남은 포지션은 마지막 종가에 수수료와 슬리피지를 내고 청산합니다.`,
  'no-walk-forward': () => '전진 분석: 없음. 모든 봉에서 매개변수를 고르며 모든 수치가 그 봉의 것입니다.',
  'early-stopping': ({ kind }) =>
    `조기 중단(${STOPPING[kind]}): 학습 봉의 앞부분에서 부진한 시도는 포기합니다. 그때까지의 결과로 시도 횟수에 포함됩니다.`,

  'strategy-failed': ({ strategyId, message, file, line }) =>
    `전략 ${strategyId}에 오류가 나 멈췄습니다: ${message}${fileText(file, line === null ? null : `${line}행`)}. 그 뒤로는 아무 결정도 없었으므로 결과는 일부 기간의 것입니다.`,
  'account-worthless': () => '계좌에 아무것도 남지 않은 때가 있었습니다.',
  'looks-ahead': () =>
    '주문이 결정한 바로 그 종가에 체결됩니다. 한순간 미래를 보는 셈이라 추세를 따르는 전략이 실제보다 좋아 보입니다.',
  'nothing-traded': () =>
    '거래가 없었습니다. 전략이 아무것도 요청하지 않았거나 거부되었습니다. 거부 내역과 매개변수를 확인하십시오.',
  'few-trades': ({ closed, enough }) =>
    `청산된 거래가 ${countText(closed)}건뿐이라 실력과 운을 가릴 수 없습니다. 거래 통계는 대개 ${enough}건 이상이 필요합니다.`,
  'trades-open': ({ open }) =>
    `거래 ${countText(open)}건이 끝까지 열려 있어 청산 비용 없이 마지막 종가로 평가했습니다.`,
  denied: ({ rules }) => `위험 규칙이나 거래소 규칙이 거부한 주문: ${rulesText(rules)}.`,
  'cash-shared': ({ denied, instruments }) =>
    `종목 ${instruments}개가 함께 쓰는 계좌에 현금이 없어 매수 ${countText(denied)}건이 거부되었습니다. 결정할 때 크기를 정하면 같은 종가에 파는 돈을 쓸 수 없습니다. --sized-at fill을 쓰면 그 돈으로, 현금이 되는 만큼 삽니다.`,
  'bars-missing': ({ instrument, bars, missingBars, gaps }) =>
    `${instrument}의 봉 ${countText(missingBars)}개(${missingShareText(missingBars, bars)})가 ${countText(gaps)}곳에서 빠져 있습니다.`,

  'not-tested': () =>
    '표본 외 검증이 없습니다. 모든 수치가 매개변수를 고른 바로 그 봉의 것이라 실제보다 좋아 보입니다.',
  'trials-failed': ({ failed, run, first }) =>
    `시도 ${countText(run)}회 가운데 ${countText(failed)}회가 실패했습니다${first === null ? '' : `. 첫 오류: ${first}`}`,
  'windows-without-choice': ({ without, windows }) =>
    `${windows}개 구간 가운데 ${without}개에서는 목표 값이 나온 시도가 없어 아무것도 고르지 못했고 검증도 빠졌습니다.`,
  'tests-failed': ({ tests, first }) =>
    `검증 ${tests}개에서 전략에 오류가 났습니다. 첫 오류: ${first}. 그 뒤로는 보유한 것을 그대로 두었습니다.`,
  'few-trades-tested': ({ closed }) => `표본 외에서 청산된 거래가 ${closed}건이라 실력과 운을 가릴 수 없습니다.`,
  'earned-nothing': () => '표본 외에서는 수익이 없었습니다.',
  'below-holding': () => '표본 외 수익이 매수 후 보유보다 적었습니다.',
  overfitted: ({ probability }) =>
    `과최적화 확률이 ${Math.round(100 * probability)} %입니다. 학습 구간의 한쪽 절반에서 가장 좋았던 것이 다른 절반에서는 중간 아래인 경우가 더 많았습니다.`,
  'on-a-peak': ({ stability }) =>
    `고른 매개변수가 뾰족한 봉우리에 있습니다 (안정성 ${stability.toFixed(2)}). 조금만 바꿔도 나았던 몫을 대부분 잃습니다.`,
  'at-range-end': ({ parameters }) =>
    `범위의 끝에 있는 매개변수: ${parameters.join(', ')}. 더 나은 값이 범위 밖에 있을 수 있습니다.`,
};
