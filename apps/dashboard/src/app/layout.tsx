import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import './globals.css';

export const metadata: Metadata = {
  title: 'MONSTA',
  description: 'Self-hosted trading: market, predictions, account, kill switch',
  robots: { index: false, follow: false },
  // No token may leak through an address that another site sees.
  referrer: 'no-referrer',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f3f5f8' },
    { media: '(prefers-color-scheme: dark)', color: '#0a0d12' },
  ],
};

export default function Layout({ children }: { readonly children: ReactNode }): ReactNode {
  // The language and palette are the reader's own and known in the browser only: it sets both attributes.
  return (
    <html lang="en" suppressHydrationWarning>
      <body>
        <noscript>
          MONSTA’s page needs JavaScript. <span lang="ko">MONSTA 화면은 자바스크립트가 필요합니다.</span>
        </noscript>
        {children}
      </body>
    </html>
  );
}
