import { z } from 'zod';

export const noteSchema = z.object({
  code: z.string().describe('what it is about'),
  values: z.record(z.string(), z.unknown()).describe('its figures: a code always has the same'),
  text: z.string().describe('in English'),
});
