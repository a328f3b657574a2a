'use client';
import type { InstrumentMessage, BarMessage } from '@monsta/contracts';
import type { Interval } from '@monsta/core';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { BarFeed, type BarFeedState } from '../../data/bar-feed.ts';
import { useDisplay, useTranslate } from '../../data/display.ts';
import { useInstrumentFills } from '../../data/queries.ts';
import { useServer } from '../../data/server.ts';
import { forDrawing } from '../../lib/decimal-text.ts';
import { chartColours } from './chart-colours.ts';
import { useColours } from './use-colours.ts';
import { PriceChart, type ChartWording } from './price-chart.ts';

export interface ChartView {
  readonly container: RefObject<HTMLElement | null>;
  /** Null before the first answer. */
  readonly feed: BarFeedState | null;
  /** The bar under the pointer; null when there is none. */
  readonly hovered: BarMessage | null;
  /** False while the view is scrolled away from the newest bar. */
  readonly following: boolean;
  readonly toNewest: () => void;
  readonly retry: () => void;
}

/** Draws an instrument's bars into `container` and keeps them live. Both arguments are fixed for the life of the component. */
export function usePriceChart(instrument: InstrumentMessage, interval: Interval): ChartView {
  const { client, socket } = useServer();
  const { locale, zone } = useDisplay();
  const t = useTranslate();
  const fills = useInstrumentFills(instrument.id).data?.items;
  const container = useRef<HTMLElement>(null);
  const chart = useRef<PriceChart | null>(null);
  const bars = useRef<BarFeed | null>(null);
  const [feed, setFeed] = useState<BarFeedState | null>(null);
  const [hovered, setHovered] = useState<BarMessage | null>(null);
  const [following, setFollowing] = useState(true);

  const wording: ChartWording = { locale, zone, buy: t('chart.buy'), sell: t('chart.sell') };
  const firstWording = useRef(wording);
  const { id, tickSize } = instrument;

  useEffect(() => {
    if (container.current === null) return;
    const digits = tickSize.split('.')[1]?.length ?? 0;
    const drawing = new PriceChart(
      container.current,
      { interval, digits, step: forDrawing(tickSize) ?? 10 ** -digits },
      chartColours(),
      firstWording.current,
      { onNearOldest: () => void source.loadOlder(), onHover: setHovered, onFollowing: setFollowing },
    );
    const source = new BarFeed(client, socket, { instrument: id, interval }, (state, change) => {
      if (change.kind === 'reset') drawing.setBars(state.window.bars);
      else if (change.kind === 'newest') drawing.update(state.window.bars, change.bar);
      setFeed(state);
    });
    chart.current = drawing;
    bars.current = source;
    source.start();
    return () => {
      source.stop();
      drawing.remove();
      chart.current = null;
      bars.current = null;
    };
  }, [client, socket, id, tickSize, interval]);

  useEffect(() => {
    chart.current?.setFills(fills ?? []);
  }, [fills]);

  const { buy, sell } = wording;
  useEffect(() => {
    chart.current?.setWording({ locale, zone, buy, sell });
  }, [locale, zone, buy, sell]);

  useColours(chart);

  const toNewest = useCallback(() => chart.current?.toNewest(), []);
  const retry = useCallback(() => void bars.current?.refresh(), []);
  return { container, feed, hovered, following, toNewest, retry };
}
