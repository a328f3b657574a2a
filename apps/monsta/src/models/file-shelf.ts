import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import type { ModelShelf } from '@monsta/model-server';

const NAME = /^[A-Za-z0-9._-]{1,200}$/;
/** No model is as large; a file that is was not written by us. */
const BYTES_MAX = 256 * 1_048_576;

const isMissing = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';

/** Texts as files of a directory, which is made when the first is written. A file is written whole and to the disk, or not at all. */
export function createFileShelf(directory: string): ModelShelf {
  const attempt = async <T>(what: string, task: () => Promise<T>): Promise<Result<T>> => {
    try {
      return ok(await task());
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return err('models_unavailable', `the kept models in ${directory} can't be ${what}: ${why}`, { cause: thrown });
    }
  };
  const pathOf = (name: string): string => {
    if (!NAME.test(name) || name.startsWith('.')) throw new RangeError(`'${name}' is no name of a kept model`);
    return join(directory, name);
  };
  return {
    read: (name) =>
      attempt('read', async () => {
        try {
          const file = await open(pathOf(name), 'r');
          try {
            const { size } = await file.stat();
            if (size > BYTES_MAX) throw new Error(`${name} has ${size} bytes, and more than ${BYTES_MAX} are no model`);
            return await file.readFile('utf8');
          } finally {
            await file.close();
          }
        } catch (thrown) {
          if (isMissing(thrown)) return null;
          throw thrown;
        }
      }),
    write: (name, text) =>
      attempt('written', async () => {
        const path = pathOf(name);
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const file = await open(`${path}.new`, 'w', 0o600);
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(`${path}.new`, path);
        return null;
      }),
    remove: (name) =>
      attempt('removed', async () => {
        await rm(pathOf(name), { force: true });
        return null;
      }),
    list: () =>
      attempt('listed', async () => {
        try {
          return await readdir(directory);
        } catch (thrown) {
          if (isMissing(thrown)) return [];
          throw thrown;
        }
      }),
  };
}
