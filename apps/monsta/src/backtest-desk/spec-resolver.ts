import type { BacktestSpec } from '@monsta/contracts';
import type { Result } from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import { instanceOf } from './choices.ts';
import type { Places } from './places.ts';
import type { RemoteShelf } from './shelf-protocol.ts';
import { contradictions, type SpecFault } from './spec-faults.ts';

export interface SpecResolverOptions {
  readonly places: Places;
  readonly shelf: Pick<RemoteShelf, 'describe' | 'checkParameters'>;
  readonly history: MarketHistory;
}

/** A specification with every name as the engines take it, or what is wrong with it. */
export type ResolvedSpec = { readonly spec: BacktestSpec } | { readonly faults: readonly SpecFault[] };

/** Looks at what was asked for over REST, as far as that goes without reading bars. */
export class SpecResolver {
  readonly #options: SpecResolverOptions;

  constructor(options: SpecResolverOptions) {
    this.#options = options;
  }

  /** `place`: where in the body of the request the specification stands. */
  async resolve(asked: BacktestSpec, place: string): Promise<ResolvedSpec> {
    const { places } = this.#options;
    const faults: SpecFault[] = [...contradictions(asked), ...(await this.#notCollected(asked))];
    const at = <T>(where: string, result: Result<T>): T | null => {
      if (result.ok) return result.value;
      faults.push({ code: result.fault.code, where, message: result.fault.message });
      return null;
    };
    const all = (where: string, paths: readonly string[]): string[] =>
      paths.flatMap((path, index) => at(`${where}.${index}`, places.data(path)) ?? []);
    const strategy = at('strategy', places.strategy(asked.strategy));
    const data =
      asked.data.kind === 'file' ? { ...asked.data, paths: all('data.paths', asked.data.paths) } : asked.data;
    const finer = asked.finer === null ? null : { paths: all('finer.paths', asked.finer.paths) };
    if (strategy !== null) faults.push(...(await this.#parameterFaults(strategy, asked)));
    if (faults.length === 0 && strategy !== null) return { spec: { ...asked, strategy, data, finer } };
    return { faults: faults.map((each) => ({ ...each, where: `${place}.${each.where}` })) };
  }

  async #notCollected({ data, instruments }: BacktestSpec): Promise<readonly SpecFault[]> {
    if (data.kind !== 'collected') return [];
    const collected = await this.#options.history.instruments();
    const missing = collected.ok ? instruments.filter((id) => !collected.value.some((each) => each.id === id)) : [];
    if (missing.length === 0) return [];
    return [{ code: 'backtest_spec', where: 'instruments', message: `not collected: ${missing.join(', ')}` }];
  }

  async #parameterFaults(strategy: string, { params }: BacktestSpec): Promise<readonly SpecFault[]> {
    const { shelf } = this.#options;
    const instance = instanceOf(strategy);
    const whole = await shelf.checkParameters(strategy, instance, params);
    if (whole.ok) return [];
    const { code, message } = whole.fault;
    if (code !== 'parameters_invalid') return [{ code, where: 'strategy', message }];
    const face = await shelf.describe(strategy, instance);
    const specs = face.ok ? (face.value.parameterSpecs ?? {}) : {};
    // Each by itself, so that it can be told beside its field; what only shows together is told of all.
    const single = await Promise.all(
      Object.entries(params).map(async ([name, value]) => {
        const alone = await shelf.checkParameters(strategy, instance, { [name]: value });
        const own =
          !alone.ok &&
          alone.fault.code === code &&
          (!Object.hasOwn(specs, name) || alone.fault.message.includes(`'${name}'`));
        return own ? [{ code, where: `params.${name}`, message: alone.fault.message }] : [];
      }),
    );
    const faults = single.flat();
    return faults.length > 0 ? faults : [{ code, where: 'params', message }];
  }
}
