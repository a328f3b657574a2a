import { WindowDecayedSum, WindowExtreme, WindowSum } from './nodes/block-window.ts';
import { WindowMoments } from './nodes/block-moments.ts';
import { WindowSpread } from './nodes/block-spread.ts';
import { FeatureRun } from './feature-run.ts';
import type { FlowInput, RunGraph } from './nodes/run-graph.ts';
import { HigherBarsNode } from './nodes/higher-bars.ts';
import { minus, overBy, type RowLoop } from './nodes/row-loops.ts';
import { InputNode, LagNode, MapNode, type Column, type Node } from './nodes/node.ts';

export interface Moments {
  readonly squaresX: Column;
  readonly squaresY: Column;
  /** `Σ (x − mean x) (y − mean y)`. */
  readonly products: Column;
}

export interface Spread {
  readonly mean: Column;
  /** `Σ (x − mean)²`. */
  readonly squares: Column;
}

const LONGER_BARS_AT_ONCE = 256;

/** The graph of longer bars, and which of its columns are wanted. */
interface LongerBars {
  readonly graph: FeatureGraph;
  readonly outputs: Column[];
  readonly node: HigherBarsNode;
}

/**
 * What is to be reckoned at each bar, in the order in which it can be. Columns that are asked for twice are made once, so that features share what they have in common.
 */
export class FeatureGraph implements RunGraph {
  readonly nodes: Node[] = [];
  readonly openTimeMs = new InputNode();
  readonly open = new InputNode();
  readonly high = new InputNode();
  readonly low = new InputNode();
  readonly close = new InputNode();
  readonly volume = new InputNode();
  /** By name: inputs of the bar's flow (`FlowInput`). */
  readonly flow = new Map<FlowInput, InputNode>();
  /** By instrument: closes of other instruments at the same times. */
  readonly others = new Map<string, InputNode>();
  /** By name: columns that are made outside. */
  readonly external = new Map<string, InputNode>();
  /** An interval's length. */
  readonly stepMs: number;
  readonly #longer = new Map<number, LongerBars>();
  readonly #known = new Map<string, Node>();
  readonly #names = new Map<Column, string>();

  constructor(stepMs: number) {
    this.stepMs = stepMs;
    const { openTimeMs, open, high, low, close, volume } = this;
    for (const [name, node] of Object.entries({ openTimeMs, open, high, low, close, volume })) this.#add(name, node);
  }

  /** How many rows before the newest have to be kept. */
  get looksBack(): number {
    return this.nodes.reduce((most, { looksBack }) => Math.max(most, looksBack), 0);
  }

  /** A node by its text, made where it is asked for the first time; what it reads must have been asked for before. */
  node<N extends Node>(name: string, make: () => N): N {
    const known = this.#known.get(name);
    // The same text is always made by the same code.
    if (known !== undefined) return known as N;
    const made = make();
    this.#add(name, made);
    return made;
  }

  flowInput(name: FlowInput): Column {
    return this.#input(this.flow, name, name);
  }

  otherClose(instrument: string): Column {
    return this.#input(this.others, instrument, `other:${instrument}`);
  }

  externalColumn(name: string): Column {
    return this.#input(this.external, name, `external:${name}`);
  }

  /** `of` names the function: two of the same name must be the same. */
  map(of: string, loop: RowLoop, ...inputs: readonly Column[]): Column {
    return this.node(`${of}(${this.#textOf(...inputs)})`, () => new MapNode(inputs, loop));
  }

  lag(input: Column, bars: number): Column {
    return bars === 0 ? input : this.node(`lag(${this.#textOf(input)}, ${bars})`, () => new LagNode(input, bars));
  }

  /** What the column changed by since `bars` before. */
  change(input: Column, bars: number): Column {
    return this.map('minus', minus, input, this.lag(input, bars));
  }

  sum(input: Column, count: number): Column {
    return this.node(`sum(${this.#textOf(input)}, ${count})`, () => new WindowSum(input, count));
  }

  max(input: Column, count: number): Column {
    return this.node(`max(${this.#textOf(input)}, ${count})`, () => new WindowExtreme(input, count, 1));
  }

  min(input: Column, count: number): Column {
    return this.node(`min(${this.#textOf(input)}, ${count})`, () => new WindowExtreme(input, count, -1));
  }

  /** `Σ decayᵃ · value` over ages `a` of 0 … `count` − 1 bars. */
  decayedSum(input: Column, count: number, decay: number): Column {
    return this.node(
      `decayed(${this.#textOf(input)}, ${count}, ${decay})`,
      () => new WindowDecayedSum(input, count, decay),
    );
  }

  moments(x: Column, y: Column, count: number): Moments {
    const name = `moments(${this.#textOf(x, y)}, ${count})`;
    const products = this.node(name, () => new WindowMoments(x, y, count));
    const { squaresX, squaresY } = products;
    for (const [part, node] of Object.entries({ squaresX, squaresY })) this.node(`${name}.${part}`, () => node);
    return { squaresX, squaresY, products };
  }

  spread(input: Column, count: number): Spread {
    const name = `spread(${this.#textOf(input)}, ${count})`;
    const squares = this.node(name, () => new WindowSpread(input, count));
    const mean = this.node(`${name}.mean`, () => squares.mean);
    return { mean, squares };
  }

  /**
   * The average that begins with the mean of the first `period` of `length` rows and goes `alpha` of the way to each further one: Wilder's with `alpha` = 1 / period, the exponential one
   * with 2 / (period + 1). Reckoned over exactly `length` rows, in O(1): a weighted sum of the newer ones, and a plain one of the oldest.
   */
  seededAverage(input: Column, period: number, length: number, alpha: number): Column {
    const newer = length - period;
    const seed = this.lag(this.sum(input, period), newer);
    if (newer === 0) return this.map(`over ${period}`, overBy(period), seed);
    let left = 1;
    for (let step = 0; step < newer; step += 1) left *= 1 - alpha;
    const weighted = this.decayedSum(input, newer, 1 - alpha);
    return this.map(`seeded ${period} ${length} ${alpha}`, seeded(alpha, left / period), weighted, seed);
  }

  /** A column of bars that are `times` as long, made by `build` of their own graph; of each bar what it was when the last of them closed. */
  higher(name: string, times: number, build: (graph: FeatureGraph) => Column): Column {
    return this.node(name, () => {
      let longer = this.#longer.get(times);
      if (longer === undefined) {
        const graph = new FeatureGraph(this.stepMs * times);
        const outputs: Column[] = [];
        const node = new HigherBarsNode(
          this,
          this.stepMs,
          times,
          () => new FeatureRun(graph, outputs, LONGER_BARS_AT_ONCE),
        );
        this.#add(`bars ${times} as long`, node);
        longer = { graph, outputs, node };
        this.#longer.set(times, longer);
      }
      longer.outputs.push(build(longer.graph));
      return longer.node.addOutput();
    });
  }

  #input<Key extends string>(inputs: Map<Key, InputNode>, key: Key, name: string): Column {
    const input = this.node(name, () => new InputNode());
    inputs.set(key, input);
    return input;
  }

  #add(name: string, node: Node): void {
    this.#known.set(name, node);
    this.#names.set(node, name);
    this.nodes.push(node);
  }

  #textOf(...columns: readonly Column[]): string {
    return columns
      .map((column) => {
        const name = this.#names.get(column);
        if (name === undefined) throw new RangeError('a column of another graph was asked for');
        return name;
      })
      .join(', ');
  }
}

/** The newer rows' part of an average, and what is left of the plain sum that it began with. */
const seeded =
  (alpha: number, left: number): RowLoop =>
  (out, from, to, sum, first) => {
    for (let row = from; row < to; row += 1) out[row] = alpha * (sum[row] as number) + left * (first[row] as number);
  };
