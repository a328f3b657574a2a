import { describe, expect, it } from 'vitest';
import { axis, decimal, figure, money, percent, plain, span } from './format.ts';

describe('figures as text', () => {
  it('have thousands, a true minus, and no minus nothing', () => {
    expect([money(1_234_567.891), money(-1_234.5), money(-0.001), percent(-0.1234)]).toEqual([
      '1,234,567.89',
      '−1,234.50',
      '0.00',
      '−12.34 %',
    ]);
  });

  it('keep three digits of small numbers', () => {
    expect([plain(0.001234), plain(0.5), plain(0), plain(12.345), axis(40_000)]).toEqual([
      '0.00123',
      '0.500',
      '0.00',
      '12.35',
      '40,000',
    ]);
  });

  it('keep the decimals of a price', () => {
    expect([decimal('42000.50'), decimal('0.00001234'), decimal('7'), decimal(null)]).toEqual([
      '42,000.50',
      '0.00001234',
      '7',
      '—',
    ]);
  });

  it('name the two largest units of a span of time', () => {
    expect([0, 61_000, 3_600_000, 90_000_000, 400 * 86_400_000].map((ms) => span(ms, 'en'))).toEqual([
      '0 s',
      '1 min 1 s',
      '1 h',
      '1 d 1 h',
      '400 d',
    ]);
    expect(span(90_000_000, 'ko')).toBe('1 일 1 시간');
  });

  it('show what is unknown as a dash in every unit', () => {
    for (const unit of ['share', 'ratio', 'money', 'count', 'ms'] as const) expect(figure(null, unit, 'en')).toBe('—');
  });
});
