import type { BacktestSummary } from './backtests.ts';
import type { RiskMessage } from './risk.ts';
import type {
  AccountMessage,
  AlertMessage,
  BarMessage,
  BookMessage,
  DecisionMessage,
  FeedMessage,
  FillMessage,
  OrderMessage,
  PositionMessage,
  PredictionMessage,
  QuoteMessage,
  StatusMessage,
  StrategyMessage,
  TradeMessage,
  TradingStateMessage,
} from './schemas.ts';

/** What a message of each topic carries. `positions` carries every position of the account, so that the latest is all there is to know. */
export type TopicData<T extends string> = T extends `bars.${string}`
  ? BarMessage
  : T extends `trades.${string}`
    ? TradeMessage
    : T extends `quotes.${string}`
      ? QuoteMessage
      : T extends `book.${string}`
        ? BookMessage
        : T extends `feed.${string}`
          ? FeedMessage
          : T extends `predictions.${string}`
            ? PredictionMessage
            : T extends 'orders'
              ? OrderMessage
              : T extends 'fills'
                ? FillMessage
                : T extends 'positions'
                  ? readonly PositionMessage[]
                  : T extends 'account'
                    ? AccountMessage
                    : T extends 'decisions'
                      ? DecisionMessage
                      : T extends 'alerts'
                        ? AlertMessage
                        : T extends 'backtests'
                          ? BacktestSummary
                          : T extends 'strategies'
                            ? readonly StrategyMessage[]
                            : T extends 'risk'
                              ? RiskMessage
                              : T extends 'trading.state'
                                ? TradingStateMessage
                                : T extends 'status'
                                  ? StatusMessage
                                  : unknown;
