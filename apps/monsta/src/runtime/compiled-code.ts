import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';

/** Beside the program, which is its owner's alone: in the machine's folder for temporary files another user could have put code there before. */
const FOLDER = resolve(import.meta.dirname, '../../../../.cache/compile');

/**
 * Keeps what Node compiles of the modules that are loaded from here on, and takes what was kept: a command needs up to a thousand of them, and half of its start was their compilation. Where the folder can't be written nothing is
 * kept; with NODE_COMPILE_CACHE another is taken, with NODE_DISABLE_COMPILE_CACHE=1 none.
 */
export const keepCompiledCode = (): void => {
  enableCompileCache(FOLDER);
};
