import { ForestTreeGrower, type ForestGround, type GrownTree } from '@monsta/models';

/** Grows trees in one lane, each the next that no thread has taken; null between the steps of one. */
export function* growTakenTrees(
  ground: ForestGround,
  lane: number,
  next: SharedArrayBuffer,
): Generator<GrownTree | null, void> {
  const grower = new ForestTreeGrower(ground, lane);
  const counter = new Int32Array(next);
  for (let tree = Atomics.add(counter, 0, 1); tree < ground.trees; tree = Atomics.add(counter, 0, 1)) {
    const steps = grower.growSteps(tree);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) yield null;
    yield step.value;
  }
}
