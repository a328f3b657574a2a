import { useId, type ReactNode } from 'react';

interface PanelProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A titled region of the screen. */
export function Panel({ title, aside, className = '', children }: PanelProps): ReactNode {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={`flex min-w-0 flex-col rounded-md border border-line bg-panel ${className}`}
    >
      <header className="flex min-h-9 items-center justify-between gap-2 border-b border-line px-3 py-1">
        <h2 id={id} className="text-xs font-semibold">
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
