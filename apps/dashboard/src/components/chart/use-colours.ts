'use client';
import { useEffect, type RefObject } from 'react';
import { useDisplay } from '../../data/display.ts';
import { chartColours, onSchemeChange, type ChartColours } from './chart-colours.ts';

/** Colours a drawing anew whenever the reader's palette or colour scheme changes: a canvas knows no CSS variables. */
export function useColours(drawing: RefObject<{ setColours(colours: ChartColours): void } | null>): void {
  const { palette } = useDisplay();
  useEffect(() => {
    const recolour = (): void => drawing.current?.setColours(chartColours());
    // The palette's attribute is set by an effect of the page's frame, which runs after this one.
    const frame = requestAnimationFrame(recolour);
    const end = onSchemeChange(recolour);
    return () => {
      cancelAnimationFrame(frame);
      end();
    };
  }, [drawing, palette]);
}
