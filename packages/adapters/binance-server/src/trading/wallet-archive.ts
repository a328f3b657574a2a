import type { AccountId, Amount, AssetId } from '@monsta/core';

/** Money that came from outside, or left, as the wallet remembers it. */
export interface WalletTransfer {
  readonly id: number;
  readonly asset: AssetId;
  /** Above zero. */
  readonly amount: Amount;
  readonly timeUs: number;
}

/** A small rest of one asset that was changed into another. */
export interface WalletConversion {
  readonly id: number;
  readonly fromAsset: AssetId;
  readonly amount: Amount;
  readonly brought: Amount;
  readonly timeUs: number;
}

interface Wallet {
  readonly deposits: WalletTransfer[];
  readonly withdrawals: WalletTransfer[];
  readonly conversions: WalletConversion[];
}

/** Records of a kind that are kept for an account; the oldest are forgotten first. */
const KEPT_MAX = 10_000;

/** What the wallets of accounts remember: deposits, withdrawals, conversions, oldest first. */
export class WalletArchive {
  readonly #wallets = new Map<AccountId, Wallet>();
  #lastId = 0;

  /** What it remembers of an account. */
  of(account: AccountId): Readonly<Wallet> {
    return this.#of(account);
  }

  deposited(account: AccountId, asset: AssetId, amount: Amount, timeUs: number): void {
    this.#keep(this.#of(account).deposits, { id: this.#nextId(), asset, amount, timeUs });
  }

  withdrew(account: AccountId, asset: AssetId, amount: Amount, timeUs: number): void {
    this.#keep(this.#of(account).withdrawals, { id: this.#nextId(), asset, amount, timeUs });
  }

  converted(account: AccountId, conversion: Omit<WalletConversion, 'id'>): void {
    this.#keep(this.#of(account).conversions, { id: this.#nextId(), ...conversion });
  }

  #of(account: AccountId): Wallet {
    const known = this.#wallets.get(account);
    if (known !== undefined) return known;
    const wallet: Wallet = { deposits: [], withdrawals: [], conversions: [] };
    this.#wallets.set(account, wallet);
    return wallet;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #keep<T>(records: T[], record: T): void {
    records.push(record);
    if (records.length > KEPT_MAX) records.shift();
  }
}
