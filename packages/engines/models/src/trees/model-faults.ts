import { err, type Err, type Result } from '@monsta/core';

/** What a reader of model files throws inside, and no caller ever sees: `orFault` makes a fault of it. */
export class ModelFault extends Error {
  override readonly name = 'ModelFault';
  readonly code: 'model_malformed' | 'model_unsupported' | 'model_version_unknown';
  constructor(code: ModelFault['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The file is broken; `where` names the place in its own words. */
export function malformed(where: string, what: string): never {
  throw new ModelFault('model_malformed', `${where}: ${what}`);
}

/** The file is sound, but holds what MONSTA doesn't forecast with. */
export function unsupported(what: string): never {
  throw new ModelFault('model_unsupported', what);
}

/** Runs a reader; what it throws by `malformed` and `unsupported` becomes a fault of that code, said of `what`. */
export function orFault<T>(what: string, read: () => Result<T>): Result<T> {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModelFault) return err(error.code, `this ${what} can't be read: ${error.message}`);
    throw error;
  }
}

/** The model is sound, but the asked form can't hold it. */
export function unsuitable(form: string, why: string): Err {
  return err('model_form_unsuitable', `the model can't be written as ${form}: ${why}; write it as MONSTA's own JSON`);
}
