import type { ModelMessage, ModelsReply } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { askProgram, type Ask } from './ask-program.ts';

const dateText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const skillText = ({ score: { skill } }: ModelMessage): string =>
  `skill ${percent(skill.value)} (${percent(skill.low)} to ${percent(skill.high)})`;

const lineOf = (model: ModelMessage): string =>
  [model.id, model.state, model.hasVote ? 'vote' : 'no vote', skillText(model), dateText(model.trainedAtMs)].join('  ');

function listText({ items, training }: ModelsReply): string {
  const lines = items.map(lineOf);
  if (training !== null)
    lines.push(
      `in training: ${training.model} for ${training.instrument} ${training.interval}, ${Math.floor(100 * training.share)} %`,
    );
  return lines.length === 0 ? 'No model has been trained yet' : lines.join('\n');
}

const modelText = (model: ModelMessage): string =>
  [
    `${model.id}  ${model.state}: ${model.decision.reason}`,
    `  parameters   ${JSON.stringify(model.parameters)}`,
    `  features     ${model.features}`,
    `  learnt from  ${model.bars} bars, ${dateText(model.trainedFromMs)} to ${dateText(model.trainedToMs)}`,
    `  trained      ${dateText(model.trainedAtMs)}`,
    `  ${model.hasVote ? 'has a vote' : 'has no vote'}  ${skillText(model)} of ${model.score.rows} rows out of sample`,
  ].join('\n');

/** `monsta models list` */
export const modelsList = (flags: FlagValues, output: Output): Promise<number> =>
  askProgram(
    flags,
    output,
    false,
    ok((client) => client.models()),
    listText,
  );

function idOf(flags: FlagValues): Result<string> {
  const id = argumentOf(flags);
  return id === '' ? err('flag_invalid', "name a model, as 'monsta models list' shows it") : ok(id);
}

function withModel(
  flags: FlagValues,
  output: Output,
  changes: boolean,
  ask: (id: string) => Ask<ModelMessage>,
): Promise<number> {
  const id = idOf(flags);
  return askProgram(flags, output, changes, id.ok ? ok(ask(id.value)) : id, modelText);
}

/** `monsta models show ID` */
export const modelsShow = (flags: FlagValues, output: Output): Promise<number> =>
  withModel(flags, output, false, (id) => (client) => client.model(id));

/** `monsta models promote ID` */
export const modelsPromote = (flags: FlagValues, output: Output): Promise<number> =>
  withModel(flags, output, true, (id) => (client) => client.promoteModel(id));

/** `monsta models retire ID` */
export const modelsRetire = (flags: FlagValues, output: Output): Promise<number> =>
  withModel(flags, output, true, (id) => (client) => client.retireModel(id));
