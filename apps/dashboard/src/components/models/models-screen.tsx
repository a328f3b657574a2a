'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useModels } from '../../data/model-queries.ts';
import { hashOf } from '../../lib/route.ts';
import { Header } from '../frame/header.tsx';
import { Guard } from '../parts/guard.tsx';
import { ModelList, type ModelsRoute } from './model-list.tsx';
import { ModelView } from './model-view.tsx';

/** The models that are kept: which of them serve, what each is worth, and the training under way. */
export function ModelsScreen({ route }: { readonly route: ModelsRoute }): ReactNode {
  const t = useTranslate();
  const query = useModels();
  const chosen = route.kind === 'model' ? query.data?.items.find(({ id }) => id === route.id) : undefined;
  return (
    <>
      <Header />
      <main className="grid flex-1 content-start items-start gap-2 p-2 lg:grid-cols-[24rem_minmax(0,1fr)]">
        <div className={`min-w-0 ${route.kind === 'models' ? '' : 'hidden lg:block'}`}>
          <Guard>
            <ModelList query={query} route={route} />
          </Guard>
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          {route.kind === 'models' ? (
            <p className="hidden p-4 text-sm text-muted lg:block">{t('models.choose')}</p>
          ) : (
            <>
              <a
                href={hashOf({ kind: 'models' })}
                className="min-h-8 self-start text-xs font-medium text-accent underline lg:hidden"
              >
                {t('models.back')}
              </a>
              <Guard>
                {chosen !== undefined ? (
                  <ModelView key={chosen.id} model={chosen} />
                ) : query.data === undefined ? null : (
                  <p role="alert" className="p-4 text-sm">
                    {t('models.gone', { id: route.id })}
                  </p>
                )}
              </Guard>
            </>
          )}
        </div>
      </main>
    </>
  );
}
