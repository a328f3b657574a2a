import { US_PER_MS } from '@monsta/core';
import type { ExchangeModel } from '../exchange-model.ts';
import { archiveFolders, filesOf, type ArchiveFile, type ArchiveFolder } from './archive-files.ts';
import type { ZipFacts } from './archive-zips.ts';

export const BUCKET = 'data.binance.vision';
const KEYS_MAX = 1_000;

/** What a client wants listed. */
export interface ListQuery {
  readonly prefix: string;
  /** Empty: none, all keys are listed and no folders. */
  readonly delimiter: string;
  /** Keys after this one. */
  readonly after: string;
  readonly keysMax: number;
  /** The second form of S3's listing, with continuation tokens. */
  readonly second: boolean;
}

/** Reads the query of a request for a listing. */
export function readListQuery(rawQuery: string): ListQuery {
  const query = new URLSearchParams(rawQuery);
  const second = query.get('list-type') === '2';
  const asked = Number(query.get('max-keys') ?? KEYS_MAX);
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: (second ? (query.get('continuation-token') ?? query.get('start-after')) : query.get('marker')) ?? '',
    keysMax: Number.isSafeInteger(asked) && asked >= 0 ? Math.min(asked, KEYS_MAX) : KEYS_MAX,
    second,
  };
}

type Entry =
  | { readonly name: string; readonly file: null }
  | { readonly name: string; readonly file: ArchiveFile; readonly checksum: boolean };

const DATE_IN_KEY = /(\d{4}-\d{2}(?:-\d{2})?)\.zip/;

function* entriesOfFolder(
  model: ExchangeModel,
  folder: ArchiveFolder,
  { prefix, after }: ListQuery,
): Generator<Entry, void, undefined> {
  // Where the last page ended in this folder, what lies before it need not be gone through again.
  const since = after.startsWith(folder.path) ? (DATE_IN_KEY.exec(after)?.[1] ?? '') : '';
  for (const file of filesOf(model, folder, since)) {
    for (const checksum of [false, true]) {
      const name = `${folder.path}${file.name}.zip${checksum ? '.CHECKSUM' : ''}`;
      if (name.startsWith(prefix)) yield { name, file, checksum };
    }
  }
}

/** Keys and folders in their order. */
function* entries(model: ExchangeModel, query: ListQuery): Generator<Entry, void, undefined> {
  const { prefix, delimiter, after } = query;
  let told = '';
  for (const folder of archiveFolders(model)) {
    if (!folder.path.startsWith(prefix) && !prefix.startsWith(folder.path)) continue;
    const cut = delimiter === '' ? -1 : folder.path.indexOf(delimiter, prefix.length);
    if (cut >= 0) {
      const name = folder.path.slice(0, cut + delimiter.length);
      if (name === told || name <= after) continue;
      if (filesOf(model, folder).next().done === true) continue;
      told = name;
      yield { name, file: null };
      continue;
    }
    // Every key of this folder comes before the one that the last page ended with.
    if (`${folder.path}~` <= after) continue;
    for (const entry of entriesOfFolder(model, folder, query)) if (entry.name > after) yield entry;
  }
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const xml = (name: string, text: string): string => `<${name}>${escape(text)}</${name}>`;
export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** When S3 would say that the file was put there: when its span was over. */
export const lastModified = ({ endUs }: ArchiveFile): Date => new Date(endUs / US_PER_MS);

function contents(
  entry: Entry & { readonly file: ArchiveFile },
  facts: (file: ArchiveFile) => ZipFacts | null,
): string {
  const known = entry.checksum ? null : facts(entry.file);
  // How large a file is, and what its tag is, is known once it has been made; listing must not make them all.
  const tag = known === null ? '' : xml('ETag', `"${known.md5}"`) + xml('Size', String(known.size));
  const date = xml('LastModified', lastModified(entry.file).toISOString());
  return `<Contents>${xml('Key', entry.name)}${date}${tag}${xml('StorageClass', 'STANDARD')}</Contents>`;
}

/** A page of the archive's listing, in the form of S3. */
export function listing(model: ExchangeModel, query: ListQuery, facts: (file: ArchiveFile) => ZipFacts | null): string {
  const { prefix, delimiter, after, keysMax, second } = query;
  const page: Entry[] = [];
  let truncated = false;
  for (const entry of entries(model, query)) {
    if (page.length === keysMax) {
      truncated = keysMax > 0;
      break;
    }
    page.push(entry);
  }
  const last = page.at(-1)?.name ?? '';
  const next = second ? 'NextContinuationToken' : 'NextMarker';
  return [
    XML_HEAD,
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    xml('Name', BUCKET),
    xml('Prefix', prefix),
    second ? (after === '' ? '' : xml('ContinuationToken', after)) : xml('Marker', after),
    truncated ? xml(next, last) : '',
    second ? xml('KeyCount', String(page.length)) : '',
    xml('MaxKeys', String(keysMax)),
    delimiter === '' ? '' : xml('Delimiter', delimiter),
    xml('IsTruncated', String(truncated)),
    ...page.map((entry) =>
      entry.file === null ? `<CommonPrefixes>${xml('Prefix', entry.name)}</CommonPrefixes>` : contents(entry, facts),
    ),
    '</ListBucketResult>',
  ].join('');
}
