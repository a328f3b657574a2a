import { usFromMs, ok, err, type Fault, type Result, type TimestampUs } from '@monsta/core';
import type { Logger, ModelRecord } from '@monsta/ports';
import { decodeIndex, EMPTY_INDEX, encodeIndex, type LineIndex } from './line-index.ts';
import { lineKey, type ModelLineName } from './line-name.ts';
import type { LineLook } from './looks.ts';
import { decodeModel } from './model-codec.ts';
import type { ModelLine, Serving } from './model-line.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { TrainedModel } from './trained-model.ts';
import type { TrainingResult } from './training.ts';

/** Whether a newly trained model serves, and why. */
export interface Decision {
  readonly serves: boolean;
  readonly code: string;
  readonly reason: string;
}

/** What is left of a line after a start. */
export interface Restored {
  readonly serving: Serving | null;
  /** Why nothing serves, where there was something; null otherwise. */
  readonly refused: Fault | null;
}

const indexName = (name: ModelLineName): string => `${lineKey(name)}.index`;
const modelName = (id: string): string => `${id}.model`;

const asFault = (fault: Fault, reason: string): Fault => ({ ...fault, message: reason });

/** The models that are kept of each line: what serves, what it replaced and what did not earn its place; in memory, and on the shelf for the next start. */
export class ModelLibrary {
  readonly #shelf: ModelShelf;
  readonly #logger: Logger;
  readonly #keptMax: number;
  readonly #indexes = new Map<string, LineIndex>();
  /** What is being written of each line: writes of a line come one after the other. */
  readonly #writes = new Map<string, Promise<unknown>>();

  constructor(options: { readonly shelf: ModelShelf; readonly logger: Logger; readonly keptMax: number }) {
    this.#shelf = options.shelf;
    this.#logger = options.logger;
    this.#keptMax = options.keptMax;
  }

  /** The newest first. */
  records(name: ModelLineName): readonly ModelRecord[] {
    return this.#indexOf(name).records;
  }

  /** When a model of the line was trained last, whether it serves or not; null before the first. */
  newestOf(name: ModelLineName): ModelRecord | null {
    return this.records(name)[0] ?? null;
  }

  /** The newest look at the bars of a line; null before the first. */
  lookOf(name: ModelLineName): LineLook | null {
    return this.#indexOf(name).look;
  }

  find(id: string): ModelRecord | null {
    for (const { records } of this.#indexes.values()) {
      const found = records.find((record) => record.id === id);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Reads what was kept of a line, and the model that served. `nowUs`: the venue's time. */
  async restore(name: ModelLine, horizonMs: number, nowUs: TimestampUs): Promise<Restored> {
    const key = lineKey(name);
    const text = await this.#shelf.read(indexName(name));
    const index = !text.ok ? text : text.value === null ? ok(null) : decodeIndex(text.value, name);
    if (!index.ok) {
      const reason = `what was kept of ${key} can not be read (${index.fault.message}); it is trained anew`;
      return { serving: null, refused: asFault(index.fault, reason) };
    }
    if (index.value === null) return { serving: null, refused: null };
    // Knowledge of a time that is still to come (a recording that is played again) would be no forecast.
    const usable = index.value.records.filter(
      (record) => record.horizonMs === horizonMs && record.trainedToUs <= nowUs,
    );
    this.#indexes.set(key, { ...index.value, records: usable });
    await this.#tidy(key, usable);
    const left = index.value.records.find(({ state }) => state === 'serving');
    if (left === undefined) return { serving: null, refused: null };
    if (!usable.includes(left)) {
      const why =
        left.horizonMs === horizonMs ? 'it learnt from what is still to come' : 'it forecasts over another horizon';
      return { serving: null, refused: unreadable(left.id, why) };
    }
    const trained = await this.read(name, left.id);
    if (trained.ok)
      return { serving: { id: left.id, trained: trained.value, trainedAtUs: left.trainedAtUs }, refused: null };
    this.#change(name, (records) =>
      records.map((record) =>
        record.id === left.id
          ? { ...record, state: 'replaced', decision: { code: trained.fault.code, reason: trained.fault.message } }
          : record,
      ),
    );
    return { serving: null, refused: trained.fault };
  }

  /** A kept model of a line. Faults: `model_unreadable`, `model_features`, `models_unavailable`. */
  async read({ features }: ModelLine, id: string): Promise<Result<TrainedModel>> {
    const text = await this.#shelf.read(modelName(id));
    if (!text.ok) return text;
    if (text.value === null) return { ok: false, fault: unreadable(id, 'its file is gone') };
    const decoded = decodeModel(text.value, features);
    if (decoded.ok) return decoded;
    const { code, message } = decoded.fault;
    return code === 'model_features'
      ? err(code, `the kept model ${id} is not served: ${message}; it is trained anew`)
      : { ok: false, fault: unreadable(id, message) };
  }

  /** Keeps a newly trained model. Of what is beyond the bound the oldest goes; what serves never does. */
  keep(
    name: ModelLineName,
    horizonMs: number,
    { trained, text, comparison }: TrainingResult,
    trainedAtUs: TimestampUs,
    decision: Decision,
    look: LineLook,
  ): ModelRecord {
    const { newest, records } = this.#indexOf(name);
    const { serves, ...why } = decision;
    // Whoever names a line may know more of it.
    const { instrument, interval, model } = name;
    const record: ModelRecord = {
      ...{ instrument, interval, model },
      ...{ id: `${lineKey(name)}-${newest + 1}`, horizonMs, comparison, trainedAtUs },
      parameters: trained.executor.parameters,
      features: trained.features.id,
      state: serves ? 'serving' : 'challenger',
      decision: why,
      score: trained.score,
      hasVote: trained.hasVote,
      bars: trained.bars,
      rows: trained.rows,
      trainedFromUs: usFromMs(trained.oldestOpenMs),
      trainedToUs: usFromMs(trained.trainedToMs),
    };
    const others = serves
      ? records.map((each) => (each.state === 'serving' ? replacedBy(each, record.id) : each))
      : records;
    this.#indexes.set(lineKey(name), { newest: newest + 1, look, records: this.#bounded([record, ...others]) });
    this.#write(name, { id: record.id, text });
    return record;
  }

  /** A model serves, or none does, because a person said so. */
  setServing(name: ModelLineName, id: string | null): void {
    this.#change(name, (records) =>
      records.map((record) => {
        if (record.id === id)
          return { ...record, state: 'serving', decision: { code: 'promoted', reason: 'promoted by hand' } };
        if (record.state !== 'serving') return record;
        return id === null
          ? { ...record, state: 'retired', decision: { code: 'retired', reason: 'retired by hand' } }
          : replacedBy(record, id);
      }),
    );
  }

  /** Resolves when all that was begun is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes.values());
  }

  #indexOf(name: ModelLineName): LineIndex {
    return this.#indexes.get(lineKey(name)) ?? EMPTY_INDEX;
  }

  #change(name: ModelLineName, change: (records: readonly ModelRecord[]) => readonly ModelRecord[]): void {
    const index = this.#indexOf(name);
    this.#indexes.set(lineKey(name), { ...index, records: change(index.records) });
    this.#write(name, null);
  }

  #bounded(records: readonly ModelRecord[]): readonly ModelRecord[] {
    let room = this.#keptMax - records.filter(({ state }) => state === 'serving').length;
    return records.filter(({ state }) => {
      if (state === 'serving') return true;
      room -= 1;
      return room >= 0;
    });
  }

  /** First the model, then the index that names it, then what nobody names any more goes: a death in between leaves what was. */
  #write(name: ModelLineName, model: { readonly id: string; readonly text: string } | null): void {
    const key = lineKey(name);
    const index = this.#indexOf(name);
    const write = async (): Promise<Result<null>> => {
      if (model !== null) {
        const kept = await this.#shelf.write(modelName(model.id), model.text);
        if (!kept.ok) return kept;
      }
      const written = await this.#shelf.write(indexName(name), encodeIndex(index));
      if (written.ok && model !== null) await this.#tidy(key, index.records);
      return written;
    };
    const before = this.#writes.get(key) ?? Promise.resolve();
    const written = before.then(write).then((result) => {
      if (!result.ok)
        this.#logger.error('a model could not be kept: the next start trains it anew', {
          line: key,
          fault: result.fault,
        });
    });
    this.#writes.set(key, written);
  }

  /** Removes models of the line that its index does not name. */
  async #tidy(key: string, records: readonly ModelRecord[]): Promise<void> {
    const listed = await this.#shelf.list();
    if (!listed.ok) return;
    const kept = new Set(records.map(({ id }) => modelName(id)));
    const ours = new RegExp(`^${key}-\\d+\\.model$`);
    for (const file of listed.value) if (ours.test(file) && !kept.has(file)) await this.#shelf.remove(file);
  }
}

const replacedBy = (record: ModelRecord, id: string): ModelRecord => ({
  ...record,
  state: 'replaced',
  decision: { code: 'replaced', reason: `${id} took its place` },
});

function unreadable(id: string, why: string): Fault {
  const made = err('model_unreadable', `the kept model ${id} can not be read (${why}); it is trained anew`);
  return made.fault;
}
