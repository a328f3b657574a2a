'use client';
import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { useDisplay, useTranslate } from '../../data/display.ts';
import { PALETTES, ZONES } from '../../lib/settings.ts';

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly name: string;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ legend, name, options, value, onChange }: ChoiceProps<T>): ReactNode {
  return (
    <fieldset className="mt-2 first:mt-0">
      <legend className="text-xs font-semibold text-muted">{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className="mt-1 flex min-h-7 items-center pointer-coarse:min-h-10 gap-2">
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="size-4 accent-[var(--accent)]"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

/** Colours of rise and fall, and the zone of times. */
export function DisplaySettings(): ReactNode {
  const t = useTranslate();
  const { palette, zone, change } = useDisplay();
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={t('settings.title')}
        title={t('settings.title')}
        className="grid size-8 pointer-coarse:size-10 place-items-center rounded border border-line bg-raised text-muted hover:text-ink"
      >
        <svg aria-hidden="true" viewBox="0 0 20 20" className="size-4 fill-none stroke-current" strokeWidth="1.6">
          <path d="M3 6h8m4 0h2M3 14h2m4 0h8" strokeLinecap="round" />
          <circle cx="13" cy="6" r="2" />
          <circle cx="7" cy="14" r="2" />
        </svg>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t('settings.title')}
          className="z-50 w-60 rounded-md border border-line bg-panel p-3 shadow-lg"
        >
          <Choice
            legend={t('settings.colours')}
            name="palette"
            options={PALETTES.map((value) => ({ value, label: t(`settings.colours.${value}`) }))}
            value={palette}
            onChange={(next) => change('palette', next)}
          />
          <Choice
            legend={t('settings.times')}
            name="zone"
            options={ZONES.map((value) => ({ value, label: t(`settings.times.${value}`) }))}
            value={zone}
            onChange={(next) => change('zone', next)}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
