import type { ComponentProps, ReactNode } from 'react';

/** A button of a row or a card. It hands on whatever a dialog's trigger gives it. */
export function SmallButton({ className = '', ...props }: ComponentProps<'button'>): ReactNode {
  return (
    <button
      type="button"
      {...props}
      className={`min-h-7 rounded border border-line bg-panel px-2 text-xs font-medium whitespace-nowrap hover:bg-raised disabled:opacity-60 pointer-coarse:min-h-10 ${className}`}
    />
  );
}
