import { constants, enableCompileCache } from 'node:module';
import { resolve } from 'node:path';

/** Beside the program, which is its owner's alone: in the machine's folder for temporary files another user could have put code there before. */
const FOLDER = resolve(import.meta.dirname, '../../../../.cache/compile');

/**
 * Keeps what Node compiles of the modules that are loaded from here on, and takes what was kept: a command needs hundreds of them, and half of its start was their compilation. Threads and programs that this one
 * starts do the same. Where the folder can't be written nothing is kept; with NODE_COMPILE_CACHE another is taken, with NODE_DISABLE_COMPILE_CACHE=1 none.
 */
export function keepCompiledCode(): void {
  const { status } = enableCompileCache(FOLDER);
  // A thread has no compiled code of the thread that starts it: only the variable tells it where to look.
  if (status === constants.compileCacheStatus.ENABLED) process.env['NODE_COMPILE_CACHE'] = FOLDER;
}
