import { useId, type ReactNode } from 'react';

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What is counted, after the figure: `USDT`, `%`. */
  readonly unit?: string;
  /** What is wrong; null while nothing is. */
  readonly fault: ReactNode;
  /** English words of the server's. */
  readonly faultLang?: 'en' | undefined;
  readonly hint?: ReactNode;
}

/** A figure to type, with what is wrong with it right below. */
export function Field({ label, name, value, onChange, unit, fault, faultLang, hint }: FieldProps): ReactNode {
  const id = useId();
  const bad = fault !== null && fault !== undefined;
  const noted = bad || hint !== undefined;
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-xs text-muted">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          name={name}
          inputMode="decimal"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={bad}
          aria-describedby={noted ? `${id}-note` : undefined}
          className={`figures min-h-8 w-full rounded border bg-ground px-2 text-right pointer-coarse:min-h-10 ${unit === undefined ? '' : 'pr-13'} ${bad ? 'border-danger' : 'border-strong'}`}
        />
        {unit === undefined ? null : (
          <span className="pointer-events-none absolute inset-y-0 right-2 grid place-items-center text-xs text-muted">
            {unit}
          </span>
        )}
      </div>
      {noted ? (
        <p
          id={`${id}-note`}
          lang={bad ? faultLang : undefined}
          className={`text-[0.7rem] break-words ${bad ? 'text-danger' : 'text-muted'}`}
        >
          {bad ? fault : hint}
        </p>
      ) : null}
    </div>
  );
}
