'use client';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { I18nextProvider } from 'react-i18next';
import { DisplayContext, type Display } from '../../data/display.ts';
import { useStatus } from '../../data/queries.ts';
import { createTranslations } from '../../i18n/index.ts';
import { keepSetting, readSettings, type KeyValueStore } from '../../lib/settings.ts';
import { zoneLabel } from '../../lib/times.ts';

/** The browser's own store; null where it forbids one. */
function browserStore(): KeyValueStore | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** Language, palette and time zone of the page, kept in the browser. */
export function DisplayProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [store] = useState(browserStore);
  const [settings, setSettings] = useState(() => readSettings(store, window.navigator.languages));
  const [openedAtMs] = useState(() => Date.now());
  const venueTimeMs = useStatus().data?.venueTimeMs ?? openedAtMs;
  const zoneName = zoneLabel(settings.zone, settings.locale, venueTimeMs);
  const [translations] = useState(() => createTranslations(settings.locale));

  useEffect(() => {
    document.documentElement.lang = settings.locale;
    document.documentElement.dataset['palette'] = settings.palette;
    document.title = translations.t('app.title');
  }, [settings, translations]);

  const display = useMemo<Display>(
    () => ({
      ...settings,
      zoneName,
      change: (name, value) => {
        keepSetting(store, name, value);
        if (name === 'locale') void translations.changeLanguage(value);
        // A palette that was never chosen follows the language.
        setSettings((held) => ({
          ...(store === null ? held : readSettings(store, window.navigator.languages)),
          [name]: value,
        }));
      },
    }),
    [settings, store, translations, zoneName],
  );

  return (
    <I18nextProvider i18n={translations}>
      <DisplayContext value={display}>{children}</DisplayContext>
    </I18nextProvider>
  );
}
