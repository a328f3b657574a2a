import { useId, type ReactNode } from 'react';

interface ChoiceFieldProps<T extends string> {
  readonly label: string;
  readonly name: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  /** The label stands before the box instead of above it. */
  readonly beside?: boolean;
}

/** One of several choices. */
export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>): ReactNode {
  const id = useId();
  const { label, name, value, options, onChange, beside = false } = props;
  return (
    <div className={beside ? 'flex items-center gap-1.5' : 'flex min-w-0 flex-col gap-0.5'}>
      <label htmlFor={id} className="text-xs text-muted">
        {label}
      </label>
      <select
        id={id}
        name={name}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
        className="min-h-8 min-w-0 rounded border border-strong bg-ground px-1.5 text-xs pointer-coarse:min-h-10 pointer-coarse:text-[1rem]"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
