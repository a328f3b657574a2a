import { keepCompiledCode } from './runtime/compiled-code.ts';

keepCompiledCode();
// Loaded from here on, so that the commands' own names and flags too are taken as they were compiled.
const { runCommandLine } = await import('./commands/command-line.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
