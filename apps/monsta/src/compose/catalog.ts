import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import { err, ok, type Result } from '@monsta/core';
import type { Catalog, CatalogEntry } from '@monsta/ports';
import type { CatalogConfig } from '../config/catalog.ts';

type CatalogLimits = Pick<CatalogConfig, 'memoryMaxMb' | 'threads'>;

/** Bars and trades of Binance itself: files are imported as such, and nothing that is simulated is among them. */
export const EXCHANGE_MARKET = 'binance';

const folderNameOf = (market: string): string => market.replaceAll(/[^A-Za-z0-9.-]/g, '_');

/** Each market has a catalogue of its own, so that no series is ever made of two: Binance in `catalog/`, any other in `catalogs/MARKET/`. */
export function catalogFolder(dataDir: string, market: string): string {
  return market === EXCHANGE_MARKET ? join(dataDir, 'catalog') : join(dataDir, 'catalogs', folderNameOf(market));
}

/** The catalogue of a market, as `marketOf` and `simulatedMarketOf` name it, in a data directory; its folder need not be there yet. */
export function openCatalog(dataDir: string, market: string, { memoryMaxMb, threads }: CatalogLimits): ParquetCatalog {
  return new ParquetCatalog({ path: catalogFolder(dataDir, market), memoryMaxMb, threads });
}

/** The markets of which a data directory has catalogues, Binance first, by the names of their folders. */
function catalogMarkets(dataDir: string): readonly string[] {
  const others = join(dataDir, 'catalogs');
  const names = existsSync(others) ? readdirSync(others).toSorted() : [];
  return existsSync(join(dataDir, 'catalog')) ? [EXCHANGE_MARKET, ...names] : names;
}

/** The market that a person names, in full or by the beginning of one alone; Binance where nothing is named. Fault `market_unknown`. */
function marketNamed(dataDir: string, named: string | null): Result<string> {
  if (named === null || named === EXCHANGE_MARKET) return ok(EXCHANGE_MARKET);
  const markets = catalogMarkets(dataDir);
  const wanted = folderNameOf(named);
  const [only, ...more] = markets.includes(wanted) ? [wanted] : markets.filter((name) => name.startsWith(wanted));
  if (only !== undefined && more.length === 0) return ok(only);
  const known = markets.length === 0 ? 'there is none yet' : `there are ${markets.join(', ')}`;
  return err('market_unknown', `no catalogue is that of the market ${named}: ${known}`);
}

/** What the catalogue of a market holds. */
export interface MarketEntry extends CatalogEntry {
  readonly market: string;
}

/** The catalogues of a data directory, each opened when it is first asked for. */
export class Catalogs {
  readonly #dataDir: string;
  readonly #limits: CatalogLimits;
  readonly #opened = new Map<string, ParquetCatalog>();

  constructor(dataDir: string, limits: CatalogLimits) {
    this.#dataDir = dataDir;
    this.#limits = limits;
  }

  markets(): readonly string[] {
    return catalogMarkets(this.#dataDir);
  }

  /** The whole name of a market; see `marketNamed`. */
  name(named: string | null): Result<string> {
    return marketNamed(this.#dataDir, named);
  }

  /** See `marketNamed`. */
  of(named: string | null): Result<Catalog> {
    const market = this.name(named);
    if (!market.ok) return market;
    const catalog = this.#opened.get(market.value) ?? openCatalog(this.#dataDir, market.value, this.#limits);
    this.#opened.set(market.value, catalog);
    return ok(catalog);
  }

  /** What all of them hold, by market. */
  async list(): Promise<Result<readonly MarketEntry[]>> {
    const items: MarketEntry[] = [];
    for (const market of this.markets()) {
      const catalog = this.of(market);
      const listed = catalog.ok ? await catalog.value.list() : catalog;
      if (!listed.ok) return listed;
      items.push(...listed.value.map((entry) => ({ market, ...entry })));
    }
    return ok(items);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#opened.values()].map((catalog) => catalog.close()));
    this.#opened.clear();
  }
}
