/** One step of the schema. Steps are numbered from 1, only ever added at the end, and never changed once released: their text is checked by its digest. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * Plain SQL, not query builder calls: what was released must keep its digest when the builder's next version prints differently.
 *
 * Prices and quantities are integers in ticks and lots of the instrument version named in the same row; amounts are exact decimal text;
 * times are microseconds since the epoch. `row` gives rows of the same microsecond an order.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: 'trading records',
    sql: `
CREATE TABLE instruments (
  instrument TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  base TEXT NOT NULL,
  quote TEXT NOT NULL,
  tick_units INTEGER NOT NULL CHECK (tick_units > 0),
  tick_scale INTEGER NOT NULL CHECK (tick_scale >= 0),
  lot_units INTEGER NOT NULL CHECK (lot_units > 0),
  lot_scale INTEGER NOT NULL CHECK (lot_scale >= 0),
  quantity_min INTEGER NOT NULL,
  quantity_max INTEGER NOT NULL,
  market_quantity_max INTEGER,
  notional_min TEXT,
  notional_max TEXT,
  status TEXT NOT NULL CHECK (status IN ('trading', 'halted')),
  valid_from_us INTEGER NOT NULL,
  PRIMARY KEY (instrument, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  client_order_id TEXT NOT NULL,
  instrument TEXT NOT NULL,
  instrument_version INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  type TEXT NOT NULL CHECK (type IN ('market', 'limit')),
  time_in_force TEXT NOT NULL CHECK (time_in_force IN ('gtc', 'ioc', 'fok')),
  quantity INTEGER NOT NULL CHECK (quantity >= 0),
  limit_price INTEGER CHECK (limit_price >= 0),
  reduce_only INTEGER NOT NULL CHECK (reduce_only IN (0, 1)),
  created_us INTEGER NOT NULL,
  venue_order_id TEXT,
  status TEXT NOT NULL CHECK (status IN
    ('pending_submit', 'accepted', 'partially_filled', 'pending_cancel', 'filled', 'canceled', 'expired', 'rejected', 'denied')),
  final INTEGER NOT NULL CHECK (final IN (0, 1)),
  filled_quantity INTEGER NOT NULL CHECK (filled_quantity >= 0),
  filled_notional TEXT NOT NULL,
  reason_code TEXT,
  reason TEXT,
  updated_us INTEGER NOT NULL,
  UNIQUE (account, client_order_id),
  FOREIGN KEY (instrument, instrument_version) REFERENCES instruments (instrument, version)
) STRICT;
CREATE INDEX orders_by_time ON orders (account, created_us, row);
CREATE INDEX orders_open ON orders (account, created_us, row) WHERE final = 0;

CREATE TABLE fills (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  instrument TEXT NOT NULL,
  fill_id TEXT NOT NULL,
  instrument_version INTEGER NOT NULL,
  client_order_id TEXT NOT NULL,
  venue_order_id TEXT NOT NULL,
  strategy TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  price INTEGER NOT NULL CHECK (price >= 0),
  quantity INTEGER NOT NULL CHECK (quantity >= 0),
  fee TEXT NOT NULL,
  fee_asset TEXT NOT NULL,
  liquidity TEXT NOT NULL CHECK (liquidity IN ('maker', 'taker')),
  ts_event_us INTEGER NOT NULL,
  UNIQUE (account, instrument, fill_id),
  FOREIGN KEY (instrument, instrument_version) REFERENCES instruments (instrument, version)
) STRICT;
CREATE INDEX fills_by_time ON fills (account, ts_event_us, row);
CREATE INDEX fills_by_instrument ON fills (account, instrument, ts_event_us, row);

CREATE TABLE decisions (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  strategy TEXT NOT NULL,
  instrument TEXT NOT NULL,
  ts_event_us INTEGER NOT NULL,
  action TEXT NOT NULL,
  wanted TEXT NOT NULL,
  prediction TEXT NOT NULL,
  risk TEXT NOT NULL,
  orders TEXT NOT NULL,
  UNIQUE (account, id)
) STRICT;
CREATE INDEX decisions_by_time ON decisions (account, ts_event_us, row);
CREATE INDEX decisions_by_instrument ON decisions (account, instrument, ts_event_us, row);
CREATE INDEX decisions_by_strategy ON decisions (account, strategy, instrument, ts_event_us);

CREATE TABLE positions (
  account TEXT NOT NULL,
  strategy TEXT NOT NULL,
  instrument TEXT NOT NULL,
  quantity TEXT NOT NULL,
  cost_basis TEXT NOT NULL,
  realized_profit TEXT NOT NULL,
  fees_paid TEXT NOT NULL,
  opened_us INTEGER,
  updated_us INTEGER NOT NULL,
  PRIMARY KEY (account, strategy, instrument)
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
  account TEXT NOT NULL,
  asset TEXT NOT NULL,
  free TEXT NOT NULL,
  locked TEXT NOT NULL,
  PRIMARY KEY (account, asset)
) STRICT, WITHOUT ROWID;

CREATE TABLE divergences (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  ts_us INTEGER NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  UNIQUE (account, id)
) STRICT;
CREATE INDEX divergences_by_time ON divergences (account, ts_us, row);

CREATE TABLE accounts (
  account TEXT NOT NULL PRIMARY KEY,
  trading_state TEXT NOT NULL CHECK (trading_state IN ('ACTIVE', 'REDUCING', 'HALTED')),
  trading_state_reason TEXT,
  trading_state_by TEXT NOT NULL CHECK (trading_state_by IN ('user', 'risk', 'system')),
  peak_equity TEXT,
  day_start_equity TEXT,
  day_start_us INTEGER,
  kernel_state TEXT NOT NULL,
  updated_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
  {
    number: 2,
    name: 'orders of every type',
    // A check can't be changed in place: the table is built anew, and its rows keep their numbers, which pages and cursors go by.
    sql: `
ALTER TABLE orders RENAME TO orders_before;
CREATE TABLE orders (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  client_order_id TEXT NOT NULL,
  instrument TEXT NOT NULL,
  instrument_version INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  type TEXT NOT NULL CHECK (type IN
    ('market', 'limit', 'limit_maker', 'stop_loss', 'stop_loss_limit', 'take_profit', 'take_profit_limit')),
  time_in_force TEXT NOT NULL CHECK (time_in_force IN ('gtc', 'ioc', 'fok')),
  quantity INTEGER NOT NULL CHECK (quantity >= 0),
  limit_price INTEGER CHECK (limit_price >= 0),
  stop_price INTEGER CHECK (stop_price >= 0),
  trailing_bps INTEGER CHECK (trailing_bps >= 0),
  iceberg_quantity INTEGER CHECK (iceberg_quantity >= 0),
  list_id TEXT,
  reduce_only INTEGER NOT NULL CHECK (reduce_only IN (0, 1)),
  created_us INTEGER NOT NULL,
  venue_order_id TEXT,
  status TEXT NOT NULL CHECK (status IN
    ('pending_submit', 'accepted', 'partially_filled', 'pending_cancel', 'filled', 'canceled', 'expired', 'rejected', 'denied')),
  final INTEGER NOT NULL CHECK (final IN (0, 1)),
  filled_quantity INTEGER NOT NULL CHECK (filled_quantity >= 0),
  filled_notional TEXT NOT NULL,
  reason_code TEXT,
  reason TEXT,
  updated_us INTEGER NOT NULL,
  UNIQUE (account, client_order_id),
  FOREIGN KEY (instrument, instrument_version) REFERENCES instruments (instrument, version)
) STRICT;
INSERT INTO orders (row, account, client_order_id, instrument, instrument_version, strategy, side, type, time_in_force, quantity,
    limit_price, reduce_only, created_us, venue_order_id, status, final, filled_quantity, filled_notional, reason_code, reason, updated_us)
  SELECT row, account, client_order_id, instrument, instrument_version, strategy, side, type, time_in_force, quantity,
    limit_price, reduce_only, created_us, venue_order_id, status, final, filled_quantity, filled_notional, reason_code, reason, updated_us
  FROM orders_before;
DROP TABLE orders_before;
CREATE INDEX orders_by_time ON orders (account, created_us, row);
CREATE INDEX orders_open ON orders (account, created_us, row) WHERE final = 0;

CREATE TABLE transfers (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('deposit', 'withdrawal', 'conversion', 'unexplained')),
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,
  ts_us INTEGER NOT NULL,
  UNIQUE (account, id)
) STRICT;
CREATE INDEX transfers_by_time ON transfers (account, ts_us, row);
`,
  },
  {
    number: 3,
    name: 'lists of instruments',
    // A reading counts once its time is in `listings`; what changed with it is in `listed_instruments` by then.
    sql: `
ALTER TABLE instruments ADD COLUMN delisted INTEGER NOT NULL DEFAULT 0 CHECK (delisted IN (0, 1));

CREATE TABLE listings (
  market TEXT NOT NULL,
  observed_us INTEGER NOT NULL,
  PRIMARY KEY (market, observed_us)
) STRICT, WITHOUT ROWID;

CREATE TABLE listed_instruments (
  market TEXT NOT NULL,
  instrument TEXT NOT NULL,
  valid_from_us INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  base TEXT NOT NULL,
  quote TEXT NOT NULL,
  tick_units INTEGER NOT NULL CHECK (tick_units > 0),
  tick_scale INTEGER NOT NULL CHECK (tick_scale >= 0),
  lot_units INTEGER NOT NULL CHECK (lot_units > 0),
  lot_scale INTEGER NOT NULL CHECK (lot_scale >= 0),
  quantity_min INTEGER NOT NULL,
  quantity_max INTEGER NOT NULL,
  market_quantity_max INTEGER,
  notional_min TEXT,
  notional_max TEXT,
  status TEXT NOT NULL CHECK (status IN ('trading', 'halted')),
  delisted INTEGER NOT NULL CHECK (delisted IN (0, 1)),
  PRIMARY KEY (market, instrument, valid_from_us)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    number: 4,
    name: 'what an order is for, and what it was decided at',
    sql: `
ALTER TABLE orders ADD COLUMN tag TEXT;
ALTER TABLE orders ADD COLUMN decision_price INTEGER CHECK (decision_price >= 0);
`,
  },
  {
    number: 5,
    name: 'strategies, round trips, equity, alerts',
    // What a position had paid in fees before they were kept by asset is kept at its worth in the quote asset.
    sql: `
ALTER TABLE positions ADD COLUMN fees TEXT NOT NULL DEFAULT '{"byAsset":{},"otherValue":"0","unvalued":{}}';
ALTER TABLE positions ADD COLUMN trip TEXT NOT NULL DEFAULT 'null';
UPDATE positions SET fees = json_set(fees, '$.byAsset', json_object(
    (SELECT quote FROM instruments WHERE instruments.instrument = positions.instrument ORDER BY version DESC LIMIT 1), fees_paid))
  WHERE fees_paid <> '0' AND EXISTS (SELECT 1 FROM instruments WHERE instruments.instrument = positions.instrument);

CREATE TABLE strategies (
  account TEXT NOT NULL,
  strategy TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'reducing', 'paused', 'failed')),
  reason TEXT,
  parameters TEXT NOT NULL,
  configured_parameters TEXT NOT NULL,
  state TEXT NOT NULL,
  timers TEXT NOT NULL,
  causes TEXT NOT NULL,
  updated_us INTEGER NOT NULL,
  PRIMARY KEY (account, strategy)
) STRICT, WITHOUT ROWID;

CREATE TABLE round_trips (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  strategy TEXT NOT NULL,
  instrument TEXT NOT NULL,
  opened_us INTEGER NOT NULL,
  closed_us INTEGER NOT NULL,
  entry_quantity TEXT NOT NULL,
  entry_value TEXT NOT NULL,
  entry_price TEXT,
  exit_quantity TEXT NOT NULL,
  exit_value TEXT NOT NULL,
  exit_price TEXT,
  taken_away TEXT NOT NULL,
  realized_profit TEXT NOT NULL,
  profit TEXT,
  fees TEXT NOT NULL,
  adverse TEXT NOT NULL,
  favourable TEXT NOT NULL,
  adverse_ppm INTEGER NOT NULL CHECK (adverse_ppm >= 0),
  favourable_ppm INTEGER NOT NULL CHECK (favourable_ppm >= 0),
  fills INTEGER NOT NULL CHECK (fills >= 0),
  exit_order_id TEXT,
  exit_tag TEXT,
  UNIQUE (account, id)
) STRICT;
CREATE INDEX round_trips_by_time ON round_trips (account, closed_us, row);
CREATE INDEX round_trips_by_strategy ON round_trips (account, strategy, closed_us, row);
CREATE INDEX round_trips_by_instrument ON round_trips (account, instrument, closed_us, row);

CREATE TABLE equity_samples (
  account TEXT NOT NULL,
  ts_us INTEGER NOT NULL,
  equity TEXT NOT NULL,
  cash TEXT NOT NULL,
  exposure TEXT NOT NULL,
  deposits TEXT NOT NULL,
  growth TEXT NOT NULL,
  by_strategy TEXT NOT NULL,
  PRIMARY KEY (account, ts_us)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  ts_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  details TEXT NOT NULL,
  UNIQUE (account, id)
) STRICT;
CREATE INDEX alerts_by_time ON alerts (account, ts_us, row);
`,
  },
  {
    number: 6,
    name: 'what became of alerts',
    sql: `
ALTER TABLE alerts ADD COLUMN deliveries TEXT NOT NULL DEFAULT '[]';
`,
  },
  {
    number: 7,
    name: 'why positions were closed',
    sql: `
ALTER TABLE round_trips ADD COLUMN exit_cause TEXT CHECK (exit_cause IN ('strategy', 'stop', 'take_profit', 'person', 'outside'));
`,
  },
  {
    number: 8,
    name: 'fills of an order',
    sql: `
CREATE INDEX fills_by_order ON fills (account, client_order_id, ts_event_us, row);
`,
  },
];
