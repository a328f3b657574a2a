import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder, writeHours, writeStrategy } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';

function world() {
  const folder = testFolder();
  const data = ['--data-dir', join(folder, 'data')];
  const bars = writeHours(join(folder, 'BTCUSDT-1h.csv'), 1_200);
  const strategy = writeStrategy(join(folder, 'above-average.ts'), '');
  const run = async (...flags: readonly string[]): Promise<string> => {
    const asked = ['backtest', '--strategy', strategy, '--bars', bars, '--instrument', 'BTCUSDT', ...data, ...flags];
    const { document } = await runCommand([...asked, '--json']);
    return (document as { readonly id: string }).id;
  };
  const report = (...flags: readonly string[]) => runCommand(['backtests', 'report', ...flags, ...data]);
  return { folder, run, report };
}

describe('monsta backtests report', { timeout: 120_000 }, () => {
  it('writes one run, or several side by side, as a file that stands alone', async () => {
    const { folder, run, report } = world();
    const [one, other] = [await run(), await run('--params', '{"length":9}')];
    const out = join(folder, 'report.html');
    expect(await report(one, '--out', out, '--json')).toMatchObject({
      status: 0,
      document: { ids: [one], path: out },
    });
    const html = readFileSync(out, 'utf8');
    expect(html.slice(0, 100)).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(html).toContain('above-average · BTCUSDT · 1h');
    expect(html).toContain('Warm-up: the strategy needs');
    expect(html).not.toMatch(/<script|https?:/);
    const korean = (await report(one, '--language', 'ko')).stdout;
    expect(korean).toMatch(/준비 구간: 전략은 첫 결정 전에 마감된 1h 봉 5개가 필요합니다[^]*한도: 없음/);
    expect(korean).not.toMatch(/Warm-up|Fills:|Slippage:|End:/);

    const both = await report(`${one},${other}`, '--language', 'ko');
    expect(both.status).toBe(0);
    expect(both.stdout).toContain('<html lang="ko">');
    expect(both.stdout).toContain('params.length');
  });

  it('says why where there is none', async () => {
    const { folder, run, report } = world();
    const bare = await run('--no-records');
    expect(await report(bare, '--json')).toMatchObject({
      status: 1,
      document: { error: { code: 'backtest_unfinished' } },
    });
    expect(await report('nothing', '--json')).toMatchObject({
      status: 2,
      document: { error: { code: 'backtest_unknown' } },
    });
    expect(await report(bare, '--language', 'fr', '--json')).toMatchObject({
      status: 2,
      document: { error: { code: 'flag_invalid' } },
    });
    const absent = join(folder, 'absent', 'report.html');
    expect((await report(await run(), '--out', absent)).stderr).toContain('report_unwritable');
  });
});
