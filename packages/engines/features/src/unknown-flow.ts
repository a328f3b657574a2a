import type { BarColumns } from './bar-columns.ts';
import { FeatureGraph } from './feature-graph.ts';
import type { FeatureSet } from './feature-set.ts';

/** Which of a set's columns, in its order, are made of trade flow or of the book where no bar tells of it: they are missing in every row. */
export function unknownFlow({ features }: FeatureSet, columns: BarColumns): readonly string[] {
  const isTold = (column: Float64Array | undefined): boolean =>
    column !== undefined && column.some((value) => !Number.isNaN(value));
  return features.flatMap((feature) => {
    const graph = new FeatureGraph(1);
    feature.build(graph);
    return [...graph.flow.keys()].every((input) => isTold(columns[input])) ? [] : [feature.name];
  });
}
