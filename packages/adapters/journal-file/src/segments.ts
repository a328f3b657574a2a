import { open, readdir, readFile, stat, truncate, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Err, type Result } from '@monsta/core';
import { headerChecks, provesDurable, readFrame, SEGMENT_HEADER_BYTES, segmentHeader } from './frame.ts';

/** One file of the journal. */
export interface Segment {
  readonly path: string;
  readonly firstSequence: number;
  readonly bytes: number;
}

const NAME = /^(\d{16})\.journal$/;

function segmentPath(directory: string, firstSequence: number): string {
  return join(directory, `${String(firstSequence).padStart(16, '0')}.journal`);
}

/** Oldest first. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of await readdir(directory)) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const path = join(directory, name);
    segments.push({ path, firstSequence: Number(match[1]), bytes: (await stat(path)).size });
  }
  return segments.sort((left, right) => left.firstSequence - right.firstSequence);
}

export function corruptAt(path: string, offset: number, sequence: number): Err {
  return err(
    'journal_corrupt',
    `the journal's segment ${path} is damaged at byte ${offset}, where record ${sequence} should be; keep a copy of it and restore the segment from a backup, or move it, those after it and journal.synced away to go on without their records`,
    { retry: 'fatal', details: { segment: path, offset, sequence } },
  );
}

export interface RecoveredTail {
  /** Where to append; null for a journal without records. */
  readonly segment: Segment | null;
  readonly lastSequence: number;
  readonly tornBytes: number;
}

/** Makes the folder's present names durable: a file's own sync doesn't do that for its name. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Finds the journal's end in its last segment and cuts off what a crash left half-written. Earlier segments were synced before the next was
 * made, so only the last can have a torn tail. `durableSequence`: what is known to have been on disk. Fault `journal_corrupt` where that, or
 * anything else that is no tail, is missing or doesn't check.
 */
export async function recoverTail(
  directory: string,
  segments: readonly Segment[],
  durableSequence: number,
): Promise<Result<RecoveredTail>> {
  const last = segments.at(-1);
  if (last === undefined) {
    if (durableSequence > 0) return corruptAt(segmentPath(directory, 1), 0, 1);
    return ok({ segment: null, lastSequence: 0, tornBytes: 0 });
  }
  if (last.bytes < SEGMENT_HEADER_BYTES) return recoverBefore(directory, segments.slice(0, -1), last, durableSequence);
  const content = await readFile(last.path);
  if (!headerChecks(content, last.firstSequence)) return corruptAt(last.path, 0, last.firstSequence);
  let offset = SEGMENT_HEADER_BYTES;
  let sequence = last.firstSequence;
  for (let frame = readFrame(content, offset); frame?.sequence === sequence; frame = readFrame(content, offset)) {
    offset = frame.end;
    sequence += 1;
  }
  const tornBytes = content.length - offset;
  if (sequence <= durableSequence || (tornBytes > 0 && provesDurable(content, offset, sequence))) {
    return corruptAt(last.path, offset, sequence);
  }
  if (tornBytes > 0) await cut(last.path, offset);
  return ok({ segment: { ...last, bytes: offset }, lastSequence: sequence - 1, tornBytes });
}

/**
 * A file shorter than a header never held a record, since the header is synced first; and everything before it was synced before it was made.
 */
async function recoverBefore(
  directory: string,
  earlier: readonly Segment[],
  unborn: Segment,
  durableSequence: number,
): Promise<Result<RecoveredTail>> {
  const lastSequence = unborn.firstSequence - 1;
  const before = await recoverTail(directory, earlier, Math.max(durableSequence, lastSequence));
  if (!before.ok) return before;
  await unlink(unborn.path);
  await syncDirectory(directory);
  return ok({ ...before.value, tornBytes: before.value.tornBytes + unborn.bytes });
}

async function cut(path: string, bytes: number): Promise<void> {
  await truncate(path, bytes);
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new segment with its header, on disk by name and content. */
export async function createSegment(
  directory: string,
  firstSequence: number,
): Promise<{ segment: Segment; handle: FileHandle }> {
  const path = segmentPath(directory, firstSequence);
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(segmentHeader(firstSequence));
    await handle.sync();
    await syncDirectory(directory);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { segment: { path, firstSequence, bytes: SEGMENT_HEADER_BYTES }, handle };
}
