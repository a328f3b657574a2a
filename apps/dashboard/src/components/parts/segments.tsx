'use client';
import { ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';

interface Segment<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly lang?: string;
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly segments: readonly Segment<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few choices, side by side; arrow keys move between them. */
export function Segments<T extends string>({ label, segments, value, onChange }: SegmentsProps<T>): ReactNode {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => {
        const chosen = segments.find((segment) => segment.value === next);
        // A second press on the chosen one would unset it: one is always chosen.
        if (chosen !== undefined) onChange(chosen.value);
      }}
      className="inline-flex rounded border border-line bg-raised p-0.5"
    >
      {segments.map((segment) => (
        <ToggleGroup.Item
          key={segment.value}
          value={segment.value}
          lang={segment.lang}
          className="min-h-7 min-w-8 pointer-coarse:min-h-9 rounded-sm px-2 text-xs font-medium whitespace-nowrap text-muted hover:text-ink data-[state=on]:bg-panel data-[state=on]:text-ink data-[state=on]:shadow-sm"
        >
          {segment.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
