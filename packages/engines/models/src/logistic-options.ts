export interface LogisticOptions {
  /** Penalty on the squared standardised weights, against the sum of the rows' log losses; above 0. */
  readonly l2: number;
  /** Fewest rows to learn from. */
  readonly rowsMin: number;
}

export const DEFAULT_LOGISTIC_OPTIONS: LogisticOptions = { l2: 1, rowsMin: 100 };
