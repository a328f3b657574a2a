export * from './bar-quality.ts';
export * from './bar-builder.ts';
export * from './book-synchroniser.ts';
export * from './exact-total.ts';
export * from './live-bars.ts';
export * from './order-book.ts';
export * from './trade-sequence.ts';
