import type { AccountView } from './account-replies.ts';

/** Comparisons in a row that may be short: what the venue's own account does not show is found by the whole one after them. */
const SHORT_MAX = 9;

/** What was told until a moment, and whether something is still to come. */
export interface Told {
  /** Rises with everything that is told of our orders. */
  readonly news: number;
  /** True while a request is under way, or fills of an order that is over have not all come. */
  readonly unsettled: boolean;
}

const isSame = (one: AccountView, other: AccountView): boolean =>
  one.changedUs === other.changedUs &&
  one.balances.length === other.balances.length &&
  one.balances.every(({ asset, free, locked }, index) => {
    const there = other.balances[index];
    return there?.asset === asset && there.free === free && there.locked === locked;
  });

/**
 * The account as it stood when it was last compared as a whole and nothing was amiss. While it stands so still, and nothing was told of our orders since, no order was entered or has ended and nothing was
 * traded: each of these moves money, or locks or frees it. An order that is triggered moves none.
 */
export class Stillness {
  readonly #settleUs: number;
  #found: { readonly view: AccountView; readonly news: number } | null = null;
  #short = 0;

  /** What changed less than `settleUs` ago may not be in all answers of the venue. */
  constructor(settleUs: number) {
    this.#settleUs = settleUs;
  }

  /** True where this comparison may be a short one, and then counts it. */
  allowsShort(view: AccountView, { news, unsettled }: Told): boolean {
    const found = this.#found;
    const still = found !== null && !unsettled && news === found.news && isSame(view, found.view);
    if (!still || this.#short >= SHORT_MAX) return false;
    this.#short += 1;
    return true;
  }

  /** Nothing was amiss in a whole comparison, before and after which the account stood so. */
  found(
    before: AccountView,
    after: AccountView,
    askedUs: number,
    told: { readonly before: Told; readonly after: Told },
  ): void {
    this.#short = 0;
    const wasStill =
      isSame(before, after) &&
      before.changedUs < askedUs - this.#settleUs &&
      told.before.news === told.after.news &&
      !told.before.unsettled &&
      !told.after.unsettled;
    this.#found = wasStill ? { view: after, news: told.after.news } : null;
  }

  /** Something was amiss. */
  lost(): void {
    this.#found = null;
  }
}
