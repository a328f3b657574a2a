import {
  STATISTICS,
  type StatisticDefinition,
  type StatisticGroup,
  type StatisticName,
} from '../statistics/statistics.ts';
import type { Language } from './format.ts';
import { GROUPS_KO, STATISTICS_KO } from './statistic-texts-ko.ts';
import { GROUPS_EN, STATISTICS_EN } from './statistic-texts.ts';

/** A statistic as a reader is told of it. */
export interface ToldStatistic extends StatisticDefinition {
  readonly name: StatisticName;
  readonly label: string;
  /** What it is, in a sentence. */
  readonly meaning: string;
}

export interface StatisticList {
  readonly groups: readonly { readonly group: StatisticGroup; readonly label: string }[];
  readonly items: readonly ToldStatistic[];
}

/** Every statistic with what it is called and means, in the order of docs/statistics.md. */
export function statisticList(language: Language): StatisticList {
  const [groups, texts] = language === 'ko' ? [GROUPS_KO, STATISTICS_KO] : [GROUPS_EN, STATISTICS_EN];
  const names = Object.keys(STATISTICS) as StatisticName[];
  const order = [...new Set(names.map((name) => STATISTICS[name].group))];
  return {
    groups: order.map((group) => ({ group, label: groups[group] })),
    items: names.map((name) => {
      const [label, meaning] = texts[name];
      return { name, ...STATISTICS[name], label, meaning };
    }),
  };
}
