import type { Language } from './format.ts';
import { html, Markup, type Content } from './markup.ts';
import { STYLE } from './style.ts';

/** A whole HTML document that needs nothing but itself: no script, no network. */
export function page(title: string, language: Language, body: Content): string {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

export const section = (title: string, ...content: readonly Content[]): Markup =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section> `;

/** A table whose first row names the columns; wider than the page it scrolls by itself. */
export const table = (head: readonly Content[], rows: readonly (readonly Content[])[], look = ''): Markup =>
  html`<div class="scroll">
    <table class="${look}">
      <thead>
        <tr>
          ${head.map((cell) => html`<th>${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;

/** A name with its definition, which shows when one points at it or taps it. */
export const term = (name: string, meaning: string): Markup =>
  html`<span class="term" tabindex="0" data-tip="${meaning}">${name}</span>`;
