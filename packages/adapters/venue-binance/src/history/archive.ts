import { createHash, type Hash } from 'node:crypto';
import { err, ok, type Result } from '@monsta/core';
import { Backoff } from '../backoff.ts';
import type { BinanceArchiveConfig } from '../config.ts';
import type { BinanceConnection } from '../connection.ts';
import type { ArchiveFile } from './archive-files.ts';
import { ArchiveRequests } from './archive-requests.ts';
import { givenUp, Patience, type OnWait } from './patience.ts';

/** Where the bytes of a file go. What it throws ends the fetch with `archive_unwritable`. */
export interface ArchiveTarget {
  /** All over again: nothing that was taken counts. Called before each attempt. */
  begin(): Promise<void>;
  take(piece: Uint8Array): Promise<void>;
}

export interface FetchedFile {
  readonly bytes: number;
  /** Of the bytes, and as the archive says; hexadecimal. */
  readonly sha256: string;
  /** 1 where the first was sound. */
  readonly attempts: number;
}

const RETRY_DELAYS = { minMs: 500, maxMs: 15_000 };
const CHECKSUM_LINE = /^([0-9a-f]{64}) [ *]?(\S+)\s*$/i;

interface Taken {
  readonly hash: Hash;
  bytes: number;
}

/** The most that a file may have is counted here, so that what is wrong can be told. */
const SINK_BYTES_MAX = Number.MAX_SAFE_INTEGER;

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/**
 * The exchange's bulk archive. A file counts only when its bytes have the SHA-256 that its `.CHECKSUM` says; one that is torn or altered is fetched again, at most
 * `attemptsMax` times in all. Requests share a budget of the archive's host with other processes, through the connection's cache.
 *
 * Faults: `archive_checksum` (the bytes are not what the checksum says, each time), `archive_too_large`, `archive_unwritable`, `venue_unreachable`, `venue_limited`,
 * `venue_protocol`, `venue_rejected`, `history_stopped`.
 */
export class BinanceArchive {
  readonly #connection: BinanceConnection;
  readonly #config: BinanceArchiveConfig;
  readonly #requests: ArchiveRequests;
  readonly #onWait: OnWait;

  /** `url`: without `/data`. `onWait` hears of each wait that the archive asked for. */
  constructor(connection: BinanceConnection, url: string, config: BinanceArchiveConfig, onWait: OnWait) {
    this.#connection = connection;
    this.#config = config;
    this.#requests = new ArchiveRequests(connection, url, config);
    this.#onWait = onWait;
  }

  /** Fetches a file until it is whole; null where the archive has none of that name. */
  async fetch(file: ArchiveFile, target: ArchiveTarget, signal: AbortSignal): Promise<Result<FetchedFile | null>> {
    const { clock, config, logger, random } = this.#connection;
    const { attemptsMax, limitedWaitMaxMs: waitsMaxMs } = this.#config;
    const backoff = new Backoff(RETRY_DELAYS, random);
    const onWait = this.#onWait;
    const patience = new Patience({ clock, random, waitMaxMs: config.backfillWaitMaxMs, waitsMaxMs, onWait });
    for (let attempt = 1; ; attempt += 1) {
      const fetched = await this.#attempt(file, target, patience, signal);
      if (signal.aborted) return givenUp();
      if (fetched.ok) return fetched.value === null ? ok(null) : ok({ ...fetched.value, attempts: attempt });
      const { code, message, retry } = fetched.fault;
      if (retry !== 'retryable' || code === 'venue_limited') return fetched;
      if (attempt >= attemptsMax)
        return { ok: false, fault: { ...fetched.fault, message: `${message}; tried ${attempt} times` } };
      logger.warn('a file of the archive is fetched again', { file: file.name, attempt, reason: message });
      await clock.sleep(backoff.next(), signal);
    }
  }

  stop(): void {
    this.#requests.stop();
  }

  async #attempt(
    file: ArchiveFile,
    target: ArchiveTarget,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<Result<Omit<FetchedFile, 'attempts'> | null>> {
    const { zipBytesMax, stallTimeoutMs: stallMs } = this.#config;
    const said = await this.#checksum(file, patience, signal);
    if (!said.ok || said.value === null) return said.ok ? ok(null) : said;
    let refused: Result<never> | null = null;
    let taken: Taken = { hash: createHash('sha256'), bytes: 0 };
    const open = async () => {
      const now: Taken = { hash: createHash('sha256'), bytes: 0 };
      taken = now;
      await target.begin();
      const take = async (piece: Uint8Array): Promise<void> => {
        now.bytes += piece.byteLength;
        now.hash.update(piece);
        try {
          if (now.bytes > zipBytesMax) throw new RangeError('too large');
          await target.take(piece);
        } catch (thrown) {
          refused = now.bytes > zipBytesMax ? tooLarge(file, zipBytesMax) : unwritable(file, thrown);
          throw thrown;
        }
      };
      return { bytesMax: SINK_BYTES_MAX, stallMs, take };
    };
    const zip = await this.#requests.get({ path: file.path, patience, signal, open });
    if (!zip.ok) return refused ?? zip;
    if (zip.value === null)
      return err('venue_protocol', `${file.name} is not there, but its checksum is`, { retry: 'retryable' });
    return checked(file, taken.bytes, taken.hash.digest('hex'), said.value);
  }

  /** What the file's bytes must be; null where the archive has no such file. */
  async #checksum(file: ArchiveFile, patience: Patience, signal: AbortSignal): Promise<Result<string | null>> {
    const reply = await this.#requests.get({ path: `${file.path}.CHECKSUM`, patience, signal });
    if (!reply.ok || reply.value === null) return reply.ok ? ok(null) : reply;
    const [, sum, name] = CHECKSUM_LINE.exec(reply.value.body) ?? [];
    if (sum !== undefined && name === file.name) return ok(sum.toLowerCase());
    const said = JSON.stringify(reply.value.body.slice(0, 100));
    return err('venue_protocol', `${file.name}.CHECKSUM is no checksum of it: ${said}`, { retry: 'retryable' });
  }
}

function checked(
  { name }: ArchiveFile,
  bytes: number,
  sha256: string,
  expected: string,
): Result<Omit<FetchedFile, 'attempts'>> {
  if (sha256 === expected) return ok({ bytes, sha256 });
  return err(
    'archive_checksum',
    `${name} (${bytes} bytes) is torn or altered: its SHA-256 is ${sha256}, and ${name}.CHECKSUM says ${expected}`,
    { retry: 'retryable', details: { file: name, sha256, expected } },
  );
}

const unwritable = ({ name }: ArchiveFile, thrown: unknown): Result<never> =>
  err('archive_unwritable', `${name} can't be written here: ${messageOf(thrown)}`, { cause: thrown });

const tooLarge = ({ name }: ArchiveFile, zipBytesMax: number): Result<never> =>
  err(
    'archive_too_large',
    `${name} has more than ${zipBytesMax} bytes, the most that is taken; raise binance.archive.zip_bytes_max if it is what you want`,
  );
