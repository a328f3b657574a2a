import { retentionSchema } from '@monsta/price-collector/config';
import { z } from 'zod';

/** What the catalogue may use of the machine. */
export const catalogSchema = z.strictObject({
  memoryMaxMb: z
    .number()
    .int()
    .min(64)
    .max(1_048_576)
    .default(512)
    .describe('the most memory that DuckDB takes for itself; what is read comes on top, 48 bytes a bar'),
  threads: z.number().int().min(1).max(256).default(2).describe('of DuckDB'),
  retention: retentionSchema.prefault({}).describe('how long rows are kept'),
});
export type CatalogConfig = z.output<typeof catalogSchema>;
