import { INTERVALS, intervalIssue } from '@monsta/core';
import { z } from 'zod';

export const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe('exact decimal number as text');
export const timeMs = z.number().int().describe('milliseconds since the Unix epoch, UTC');
export const instrument = z.string().describe('the symbol in capitals, e.g. BTCUSDT');
export const interval = z.enum(INTERVALS, { error: intervalIssue });
export const fraction = z.number().min(0).max(1);
export const count = z.number().int().min(0);
/** A binary number; null where it can't be known. */
export const known = z.number().nullable();
