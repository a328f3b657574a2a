/** Preloaded into the process of a strategy's test: `import … from 'monsta'` works in it as in a strategy. */
import { resolveMonsta } from './user-file.ts';

resolveMonsta();
