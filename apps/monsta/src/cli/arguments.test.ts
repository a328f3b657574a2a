import { describe, expect, it } from 'vitest';
import { helpText, parseArguments, type CommandSpec } from './arguments.ts';

const commands: readonly CommandSpec[] = [
  {
    words: ['start'],
    summary: 'run',
    flags: {
      port: { type: 'string', value: 'N', help: 'port' },
      recording: { type: 'string', multiple: true, help: 'file' },
      strategy: { type: 'string', leads: true, help: 'strategy' },
      params: { type: 'string', follows: 'strategy', help: 'its parameters' },
      instruments: { type: 'string', follows: 'strategy', alone: true, help: 'symbols' },
    },
  },
  { words: ['venue', 'simulate'], summary: 'serve', flags: {} },
];

describe('arguments', () => {
  it('find the command of several words and its flags', () => {
    expect(parseArguments(['venue', 'simulate', '--json'], commands)).toMatchObject({
      ok: true,
      value: { command: { words: ['venue', 'simulate'] }, flags: { json: true } },
    });
    expect(parseArguments(['start', '--recording', 'a', '--recording=b'], commands)).toMatchObject({
      ok: true,
      value: { flags: { recording: ['a', 'b'] } },
    });
  });

  it.each([
    [['fly'], 'command_unknown'],
    [[], 'command_unknown'],
    [['venue'], 'command_unknown'],
    [['start', '--prot', '1'], 'flag_unknown'],
    [['start', '--port'], 'flag_invalid'],
    [['start', '--json=1'], 'flag_invalid'],
    [['start', '--port', '1', '--port=2'], 'flag_invalid'],
    [['start', '--port', '-1'], 'flag_invalid'],
    [['start', 'now'], 'argument_unexpected'],
    [['start', '--params', '1', '--strategy', 'a'], 'flag_invalid'],
    [['start', '--strategy', 'a', '--params', '1', '--params', '2'], 'flag_invalid'],
    [['start', '--instruments', 'A', '--instruments', 'B'], 'flag_invalid'],
  ])('refuse %j with %s', (argv, code) => {
    expect(parseArguments(argv, commands)).toMatchObject({ ok: false, fault: { code } });
  });

  it('that follow another belong to the one before them', () => {
    const line =
      '--instruments A,B --strategy x --params 1 --instruments A --port 1 --strategy y --strategy x --params 2';
    const parsed = parseArguments(['start', ...line.split(' ')], commands);
    expect(parsed.ok && parsed.value.flags).toEqual({
      instruments: 'A,B',
      port: '1',
      params: undefined,
      strategy: [
        { value: 'x', followers: { params: '1', instruments: 'A' } },
        { value: 'y', followers: {} },
        { value: 'x', followers: { params: '2' } },
      ],
    });
  });

  it('say in one line what is wrong and how to mend it', () => {
    const messageOf = (argv: readonly string[]): string => {
      const parsed = parseArguments(argv, commands);
      return parsed.ok ? '' : parsed.fault.message;
    };
    expect(messageOf(['start', '--port', '1', '--port', '2'])).toMatch(/--port is given 2 times/);
    expect(messageOf(['start', '--port', '-1'])).toMatch(/^[^\n]*--port=-XYZ[^\n]*$/);
  });

  it('explain themselves', () => {
    expect(helpText(commands, null)).toContain('venue simulate');
    expect(helpText(commands, commands[0] ?? null)).toContain('--port N');
  });
});
