/** What pages that stand alone are made of: for reports that are put together elsewhere. */
export { barsChart, dotPlot } from '../description/page/bars-chart.ts';
export { day, minute, percent, plain, whole } from './format.ts';
export { html, type Content, type Markup } from './markup.ts';
export { page, section, table } from './page.ts';
