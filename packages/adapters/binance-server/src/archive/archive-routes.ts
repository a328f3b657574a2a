import type { Clock, HttpRoute, IncomingRequest, Logger, OutgoingResponse } from '@monsta/ports';
import type { ExchangeModel } from '../exchange-model.ts';
import { findFile, type ArchiveFile } from './archive-files.ts';
import { BUCKET, lastModified, listing, readListQuery, xml, XML_HEAD } from './archive-listing.ts';
import { IncompleteError } from './archive-rows.ts';
import { ArchiveZips, BusyError, type ArchiveLimits, type ArchiveZip } from './archive-zips.ts';

type Headers = Readonly<Record<string, string>>;

export interface ArchiveOptions {
  readonly model: ExchangeModel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ArchiveLimits;
  /** Headers that say what the data is; on every response. */
  readonly originHeaders: Headers;
}

const encoder = new TextEncoder();
const RANGE = /^bytes=(\d*)-(\d*)$/;

/** First and last byte that a `Range` header asks for; null where it asks for all, undefined where there is no such part. */
function rangeOf(header: string | undefined, size: number): readonly [number, number] | null | undefined {
  const [matched, from = '', to = ''] = RANGE.exec(header ?? '') ?? [];
  // A form that isn't known is as if it was not sent.
  if (matched === undefined || (from === '' && to === '')) return null;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first > last ? undefined : [first, last];
}

/** The bulk archive: files that are made when they are asked for, errors and listings as S3 has them. */
class Archive {
  readonly #options: ArchiveOptions;
  readonly #zips: ArchiveZips;

  constructor(options: ArchiveOptions) {
    this.#options = options;
    this.#zips = new ArchiveZips(options.model, options.clock, options.limits);
  }

  #error(status: number, code: string, message: string, key: string): OutgoingResponse {
    const body = `${XML_HEAD}<Error>${xml('Code', code)}${xml('Message', message)}${xml('Key', key)}</Error>`;
    return { status, headers: { ...this.#options.originHeaders, 'content-type': 'application/xml' }, body };
  }

  #noSuchKey(key: string): OutgoingResponse {
    return this.#error(404, 'NoSuchKey', 'The specified key does not exist.', key);
  }

  list({ rawQuery }: IncomingRequest): OutgoingResponse {
    const body = listing(this.#options.model, readListQuery(rawQuery), (file) => this.#zips.facts(file));
    return { status: 200, headers: { ...this.#options.originHeaders, 'content-type': 'application/xml' }, body };
  }

  async file(request: IncomingRequest, key: string): Promise<OutgoingResponse> {
    const found = findFile(this.#options.model, key);
    if (found === null) return this.#noSuchKey(key);
    const { file, checksum } = found;
    try {
      const facts = checksum ? this.#zips.facts(file) : null;
      if (facts !== null) return this.#checksum(request, file, facts);
      const zip = await this.#zips.zip(file);
      if (zip === null) return this.#noSuchKey(key);
      return checksum ? this.#checksum(request, file, zip) : this.#zip(request, file, zip);
    } catch (thrown) {
      return this.#failed(thrown, key);
    }
  }

  #failed(thrown: unknown, key: string): OutgoingResponse {
    if (thrown instanceof BusyError) return this.#error(503, 'SlowDown', 'Please reduce your request rate.', key);
    const { logger } = this.#options;
    if (thrown instanceof IncompleteError) {
      logger.info('a file of the archive is not there', { key, reason: thrown.message });
      return this.#noSuchKey(key);
    }
    logger.error('a file of the archive could not be made', { key, error: String(thrown) });
    return this.#error(500, 'InternalError', 'We encountered an internal error. Please try again.', key);
  }

  #checksum(request: IncomingRequest, file: ArchiveFile, { sha256 }: Pick<ArchiveZip, 'sha256'>): OutgoingResponse {
    const bytes = encoder.encode(`${sha256}  ${file.name}.zip\n`);
    return this.#send(request, file, bytes, `"${sha256.slice(0, 32)}"`, 'text/plain');
  }

  #zip(request: IncomingRequest, file: ArchiveFile, { bytes, md5 }: ArchiveZip): OutgoingResponse {
    return this.#send(request, file, bytes, `"${md5}"`, 'application/zip');
  }

  /** The whole or a part, or that the client has it already. */
  #send(
    { headers }: IncomingRequest,
    file: ArchiveFile,
    bytes: Uint8Array,
    etag: string,
    type: string,
  ): OutgoingResponse {
    const sent = {
      ...this.#options.originHeaders,
      etag,
      'last-modified': lastModified(file).toUTCString(),
      'accept-ranges': 'bytes',
    };
    if (headers['if-none-match'] === etag) return { status: 304, headers: sent, body: '' };
    const range = rangeOf(headers['range'], bytes.byteLength);
    if (range === undefined) {
      const refused = this.#error(416, 'InvalidRange', 'The requested range is not satisfiable', file.name);
      return { ...refused, headers: { ...refused.headers, 'content-range': `bytes */${bytes.byteLength}` } };
    }
    const typed = { ...sent, 'content-type': type };
    if (range === null) return { status: 200, headers: typed, body: bytes };
    const [first, last] = range;
    return {
      status: 206,
      headers: { ...typed, 'content-range': `bytes ${first}-${last}/${bytes.byteLength}` },
      body: bytes.subarray(first, last + 1),
    };
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A broken escape is no file's name either way.
    return path;
  }
}

/** The archive's routes: files below `/data/`, listings at the root, both also below the bucket's name. */
export function archiveRoutes(options: ArchiveOptions): readonly HttpRoute[] {
  const archive = new Archive(options);
  const list = (request: IncomingRequest): OutgoingResponse => archive.list(request);
  const file = (request: IncomingRequest): Promise<OutgoingResponse> =>
    archive.file(request, decoded(request.path.slice(1)).replace(`${BUCKET}/`, ''));
  return [
    { method: 'GET', path: '/', handle: list },
    { method: 'GET', path: `/${BUCKET}`, handle: list },
    { method: 'GET', path: `/${BUCKET}/`, handle: list },
    { method: 'GET', path: '/data/*', handle: file },
    { method: 'GET', path: `/${BUCKET}/data/*`, handle: file },
  ];
}
