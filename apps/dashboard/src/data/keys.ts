/** Names under which the page keeps what it knows. */
export const keys = {
  status: ['status'],
  instruments: ['instruments'],
  tradingState: ['trading-state'],
  account: ['account'],
  positions: ['positions'],
  orders: ['orders'],
  fills: ['fills'],
  decisions: ['decisions'],
  book: (instrument: string) => ['book', instrument],
  trades: (instrument: string) => ['trades', instrument],
  dayBar: (instrument: string) => ['day-bar', instrument],
  predictions: (instrument: string) => ['predictions', instrument],
  instrumentFills: (instrument: string) => ['fills', instrument],
} as const;
