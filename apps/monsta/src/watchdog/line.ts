import { relative } from 'node:path';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { err, ok, type Result } from '@monsta/core';
import { join, resolve } from 'node:path';

/** What a program says to its watchdog. */
export const toWatchdogSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hello'),
    accountId: z.string(),
    pid: z.number().int().positive(),
    start: z.string().nullable(),
    onLoss: z.enum(['keep-protective', 'cancel-all', 'nothing']),
    afterMs: z.number().int().positive(),
  }),
  z.strictObject({ kind: z.literal('beat') }),
  /** The program stops as asked, and nothing is left to be done. */
  z.strictObject({ kind: z.literal('bye') }),
]);
export type ToWatchdog = z.infer<typeof toWatchdogSchema>;

/** What a watchdog answers. */
export const fromWatchdogSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('watching'), pid: z.number().int().positive(), start: z.string().nullable() }),
  z.strictObject({ kind: z.literal('refused'), code: z.string(), message: z.string() }),
  z.strictObject({ kind: z.literal('alive') }),
]);
export type FromWatchdog = z.infer<typeof fromWatchdogSchema>;

/** Longest path of a socket that every system takes. */
const SOCKET_PATH_MAX = 100;
const LINE_MAX = 10_000;

/** Where the watchdog of a data directory listens. Fault `data_dir_path_too_long`: the systems' limit on names of sockets. */
export function socketPath(directory: string): Result<string> {
  const whole = join(resolve(directory), 'watchdog.sock');
  const short = relative(process.cwd(), whole);
  const path = short.length < whole.length ? short : whole;
  return Buffer.byteLength(path) <= SOCKET_PATH_MAX
    ? ok(path)
    : err(
        'data_dir_path_too_long',
        `the watchdog’s socket can't be made at ${whole}: systems allow ${SOCKET_PATH_MAX} letters; take a shorter --data-dir`,
      );
}

/** Reads a socket's lines; one that is no message, or far too long, ends the connection. */
export function onMessages<S extends z.ZodType>(socket: Socket, schema: S, take: (message: z.infer<S>) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MAX) socket.destroy();
    for (const line of lines) {
      const message = schema.safeParse(parsed(line));
      if (message.success) take(message.data);
      else socket.destroy();
    }
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Nothing is kept for a line that is not taken: beats come again. */
export function say(socket: Socket, message: ToWatchdog | FromWatchdog): void {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
