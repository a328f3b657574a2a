'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useRoute } from '../../data/route.ts';
import { hashOf } from '../../lib/route.ts';
import { DisplaySettings } from './display-settings.tsx';
import { LanguageSwitch } from './language-switch.tsx';

interface HeaderProps {
  readonly children?: ReactNode;
  /** Stands before what is the same on every screen. */
  readonly tools?: ReactNode;
}

/** The name, the way between the screens, and how they are shown. */
export function Header({ children, tools }: HeaderProps): ReactNode {
  const t = useTranslate();
  const { kind } = useRoute();
  const onMarket = kind === 'market';
  const onModels = kind === 'models' || kind === 'model';
  const onData = kind === 'data' || kind === 'series';
  const link = (route: 'market' | 'models' | 'backtests' | 'data', current: boolean): ReactNode => (
    <a
      href={hashOf({ kind: route })}
      aria-current={current ? 'page' : undefined}
      className={`grid min-h-8 place-items-center rounded px-2 text-xs font-semibold pointer-coarse:min-h-10 ${current ? 'bg-raised text-ink' : 'text-muted hover:text-ink'}`}
    >
      {t(`screen.${route}`)}
    </a>
  );
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-panel px-3 py-2">
      <h1 className="text-sm font-extrabold tracking-[0.14em]">MONSTA</h1>
      <nav aria-label={t('screen.label')} className="flex gap-1">
        {link('market', onMarket)}
        {link('models', onModels)}
        {link('backtests', !onMarket && !onModels && !onData)}
        {link('data', onData)}
      </nav>
      {children}
      <div className="ml-auto flex items-center gap-2">
        {tools}
        <LanguageSwitch />
        <DisplaySettings />
      </div>
    </header>
  );
}
