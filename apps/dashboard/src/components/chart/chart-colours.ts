import type { VolumeColours } from './chart-points.ts';

export interface ChartColours {
  readonly ground: string;
  readonly grid: string;
  readonly text: string;
  readonly label: string;
  readonly up: string;
  readonly down: string;
  readonly mark: string;
  readonly font: string;
  readonly volume: VolumeColours;
}

/** 40 % opacity as the last two digits of a hexadecimal colour. */
const FAINT = '66';

/** The stylesheet's colours as they are now; a canvas knows no CSS variables. */
export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const up = colour('--rise');
  const down = colour('--fall');
  return {
    ground: colour('--panel'),
    grid: colour('--raised'),
    text: colour('--muted'),
    label: colour('--muted'),
    up,
    down,
    mark: colour('--accent'),
    font: getComputedStyle(document.body).fontFamily,
    volume: { up: up + FAINT, down: down + FAINT },
  };
}

/** Calls `listener` whenever the reader's colour scheme changes. */
export function onSchemeChange(listener: () => void): () => void {
  const query = window.matchMedia('(prefers-color-scheme: dark)');
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
