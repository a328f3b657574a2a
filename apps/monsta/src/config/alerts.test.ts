import { describe, expect, it } from 'vitest';
import { alertsSchema } from './alerts.ts';
import { loadConfig, printableConfig } from './load.ts';
import { monstaConfigSchema } from './schema.ts';

const hook = { name: 'hook', kind: 'webhook', url: 'https://alerts.test/in' };
const bot = { name: 'phone', kind: 'telegram', chatId: '-100123' };
const mail = { name: 'mail', kind: 'smtp', host: 'mail.test', from: 'a@b.test', to: ['c@d.test'] };

describe('channels of alerts', () => {
  it('of every kind are taken', () => {
    expect(alertsSchema.parse({ channels: [hook, bot, mail] }).channels.map(({ name }) => name)).toEqual([
      'hook',
      'phone',
      'mail',
    ]);
  });

  it.each([
    ['a webhook without its address', { ...hook, url: null }, 'url'],
    ['a bot that writes to nobody', { ...bot, chatId: null }, 'chatId'],
    ['mail to nobody', { ...mail, to: [] }, 'to'],
    ['a webhook with a mail server', { ...hook, host: 'mail.test' }, 'host'],
    ['a password in the clear through the network', { ...mail, security: 'none', user: 'me' }, 'security'],
    ['a name with capitals', { ...hook, name: 'Hook' }, 'name'],
  ])('refused at its key: %s', (_, channel, key) => {
    const parsed = alertsSchema.safeParse({ channels: [channel] });
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([['channels', 0, key]]);
  });

  it('may not have names that read the same in the environment', () => {
    const parsed = alertsSchema.safeParse({
      channels: [
        { ...hook, name: 'a-b' },
        { ...hook, name: 'a_b' },
      ],
    });
    expect(parsed.error?.issues[0]?.message).toContain('MONSTA_ALERTS_SECRET_A_B');
  });

  it('keep their secrets out of the configuration: a variable that holds one is no key, and a file is shown by its name alone', () => {
    const environment = {
      MONSTA_ALERTS_SECRET_HOOK: 'a-secret',
      MONSTA_ALERTS__CHANNELS: JSON.stringify([{ ...bot, secretFile: '/etc/monsta/bot' }]),
    };
    const loaded = loadConfig(monstaConfigSchema, { file: null, environment, overrides: [] });
    expect(loaded.ok).toBe(true);
    const shown = JSON.stringify(printableConfig(loaded));
    expect(shown).toContain('/etc/monsta/bot');
    expect(shown).not.toContain('a-secret');
  });
});
