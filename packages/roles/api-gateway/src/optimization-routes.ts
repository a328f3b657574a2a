import {
  optimizationDetailSchema,
  optimizationSpecSchema,
  optimizationSummarySchema,
  type OptimizationDetail,
  type OptimizationSpec,
  type OptimizationSummary,
} from '@monsta/contracts';
import { longRunRoutes, type LongRunDesk } from './long-run-routes.ts';
import type { ApiRoute } from './route.ts';

/** Runs optimisations as long jobs, and has what came of them and of those of the command line. */
export type OptimizationDesk = LongRunDesk<OptimizationSpec, OptimizationSummary, OptimizationDetail>;

export const optimizationRoutes = (desk: OptimizationDesk): readonly ApiRoute[] =>
  longRunRoutes(
    {
      ...{ tag: 'Optimisations', path: '/api/v1/optimizations', kind: 'optimization', one: 'an optimisation' },
      spec: optimizationSpecSchema,
      summary: optimizationSummarySchema,
      detail: optimizationDetailSchema,
    },
    desk,
  );
