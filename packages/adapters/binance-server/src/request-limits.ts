import { BinanceError } from './parameters.ts';

export interface RequestLimits {
  /** Weight an address may use in a minute of the clock. */
  readonly weightPerMinute: number;
  /** Requests of any weight an address may make in five minutes of the clock. */
  readonly rawRequestsPerFiveMinutes: number;
  /** Unfilled orders an account may place in ten seconds and in a day of the clock. */
  readonly ordersPerTenSeconds: number;
  readonly ordersPerDay: number;
  /** Refusals (429) within a minute after which an address is banned (418). */
  readonly refusalsBeforeBan: number;
  /** The first ban; each further one lasts twice as long, up to `banMs.longest`. */
  readonly banMs: { readonly first: number; readonly longest: number };
  /** WebSocket connections an address may open in five minutes of the clock. */
  readonly connectionsPerFiveMinutes: number;
  /** Addresses remembered; beyond it the ones unseen for longest are forgotten. */
  readonly addressesMax: number;
}

export const DEFAULT_REQUEST_LIMITS: RequestLimits = {
  weightPerMinute: 6_000,
  rawRequestsPerFiveMinutes: 300_000,
  ordersPerTenSeconds: 100,
  ordersPerDay: 200_000,
  refusalsBeforeBan: 20,
  banMs: { first: 120_000, longest: 3 * 86_400_000 },
  connectionsPerFiveMinutes: 300,
  addressesMax: 10_000,
};

const WEIGHT_WINDOW_MS = 60_000;
const RAW_WINDOW_MS = 300_000;
const CONNECTION_WINDOW_MS = 300_000;

interface Address {
  window: number;
  weight: number;
  rawWindow: number;
  rawRequests: number;
  refusals: number;
  bans: number;
  bannedUntilMs: number;
  connectionWindow: number;
  connections: number;
}

/** What charging a request came to; `error` is null when it may go on. */
export interface Charge {
  readonly usedWeight: number;
  readonly error: BinanceError | null;
  readonly retryAfterSeconds: number;
  /** When that is; null while nothing is exceeded. */
  readonly retryAtMs: number | null;
}

/** Weights, requests, connections and bans by address, in windows aligned to the clock, as Binance counts them. */
export class RequestCounter {
  readonly #limits: RequestLimits;
  readonly #addresses = new Map<string, Address>();

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  #address(name: string): Address {
    let address = this.#addresses.get(name);
    if (address === undefined) {
      if (this.#addresses.size >= this.#limits.addressesMax) {
        const [oldest] = this.#addresses.keys();
        if (oldest !== undefined) this.#addresses.delete(oldest);
      }
      address = {
        window: -1,
        weight: 0,
        rawWindow: -1,
        rawRequests: 0,
        refusals: 0,
        bans: 0,
        bannedUntilMs: 0,
        connectionWindow: -1,
        connections: 0,
      };
    } else {
      this.#addresses.delete(name);
    }
    this.#addresses.set(name, address);
    return address;
  }

  /** Counts a request of `weight` that has just come in. */
  charge(name: string, weight: number, nowMs: number): Charge {
    const address = this.#at(name, nowMs);
    if (nowMs < address.bannedUntilMs) return this.#banned(address, nowMs);
    address.rawRequests += 1;
    address.weight += weight;
    const { weightPerMinute, rawRequestsPerFiveMinutes } = this.#limits;
    if (address.weight > weightPerMinute) {
      return this.#refuse(address, nowMs, {
        untilMs: (address.window + 1) * WEIGHT_WINDOW_MS,
        message: `Too much request weight used; current limit is ${weightPerMinute} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
      });
    }
    if (address.rawRequests > rawRequestsPerFiveMinutes) {
      return this.#refuse(address, nowMs, {
        untilMs: (address.rawWindow + 1) * RAW_WINDOW_MS,
        message: `Too many requests; current limit is ${rawRequestsPerFiveMinutes} raw requests per 5 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
      });
    }
    return { usedWeight: address.weight, error: null, retryAfterSeconds: 0, retryAtMs: null };
  }

  /** Adds the weight of a request that was let in without it; what is used then. */
  add(name: string, weight: number, nowMs: number): number {
    const address = this.#at(name, nowMs);
    address.weight += weight;
    return address.weight;
  }

  /** Weight used by an address in the current minute. */
  usedWeight(name: string, nowMs: number): number {
    return this.#at(name, nowMs).weight;
  }

  /** Bans an address until a point in time. */
  ban(name: string, untilMs: number): void {
    this.#address(name).bannedUntilMs = untilMs;
  }

  /** The address with its windows turned to now. */
  #at(name: string, nowMs: number): Address {
    const address = this.#address(name);
    const window = Math.floor(nowMs / WEIGHT_WINDOW_MS);
    if (address.window !== window) {
      address.window = window;
      address.weight = 0;
      address.refusals = 0;
    }
    const rawWindow = Math.floor(nowMs / RAW_WINDOW_MS);
    if (address.rawWindow !== rawWindow) {
      address.rawWindow = rawWindow;
      address.rawRequests = 0;
    }
    return address;
  }

  #refuse(
    address: Address,
    nowMs: number,
    { untilMs, message }: { readonly untilMs: number; readonly message: string },
  ): Charge {
    address.refusals += 1;
    if (address.refusals > this.#limits.refusalsBeforeBan) {
      const { first, longest } = this.#limits.banMs;
      address.bannedUntilMs = nowMs + Math.min(first * 2 ** address.bans, longest);
      address.bans += 1;
      return this.#banned(address, nowMs);
    }
    return {
      usedWeight: address.weight,
      retryAfterSeconds: Math.ceil((untilMs - nowMs) / 1_000),
      retryAtMs: untilMs,
      error: new BinanceError(-1003, message, 429),
    };
  }

  #banned(address: Address, nowMs: number): Charge {
    return {
      usedWeight: address.weight,
      retryAfterSeconds: Math.ceil((address.bannedUntilMs - nowMs) / 1_000),
      retryAtMs: address.bannedUntilMs,
      error: new BinanceError(
        -1003,
        `Way too much request weight used; IP banned until ${address.bannedUntilMs}. Please use WebSocket Streams for live updates to avoid bans.`,
        418,
      ),
    };
  }

  /** Counts a connection attempt. 0 when it may open, else the seconds to wait. */
  connect(name: string, nowMs: number): number {
    const address = this.#address(name);
    if (nowMs < address.bannedUntilMs) return Math.ceil((address.bannedUntilMs - nowMs) / 1_000);
    const window = Math.floor(nowMs / CONNECTION_WINDOW_MS);
    if (address.connectionWindow !== window) {
      address.connectionWindow = window;
      address.connections = 0;
    }
    address.connections += 1;
    if (address.connections <= this.#limits.connectionsPerFiveMinutes) return 0;
    return Math.ceil(((window + 1) * CONNECTION_WINDOW_MS - nowMs) / 1_000);
  }
}
