'use client';
import { useCallback, useState } from 'react';

/** A text kept for this tab, such as the chosen instrument; null until one was chosen. */
export function useRemembered(key: string): readonly [string | null, (value: string) => void] {
  const [value, setValue] = useState(() => window.sessionStorage.getItem(key));
  const change = useCallback(
    (next: string) => {
      setValue(next);
      window.sessionStorage.setItem(key, next);
    },
    [key],
  );
  return [value, change];
}
