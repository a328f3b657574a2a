import { err, ok, type Result } from '@monsta/core';

/** Opaque to the client: the list it belongs to, and where the page ended. */
export const cursorOf = (list: string, position: string): string =>
  Buffer.from(`${list}:${position}`, 'latin1').toString('base64url');

/** Where the page asked for begins. Fault `cursor_invalid`: not one of this list's cursors. */
export function positionOf(list: string, cursor: string): Result<string> {
  const [, found, position] =
    /^([a-z]+):([a-z0-9-]{1,80})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (found === list && position !== undefined) return ok(position);
  return err('cursor_invalid', `this cursor is none of the list of ${list}; leave it out to get the first page`);
}
