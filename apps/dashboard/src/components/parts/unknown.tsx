import type { ReactNode } from 'react';

/** What is not known is a dash with its reason, never a zero. */
export function Unknown({ why, shown = false }: { readonly why: string; readonly shown?: boolean }): ReactNode {
  return (
    <span className="text-muted" title={why}>
      <span aria-hidden="true">—</span>
      <span className={shown ? 'ml-1.5 text-xs font-normal' : 'sr-only'}>{why}</span>
    </span>
  );
}
