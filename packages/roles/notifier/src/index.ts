export { alertChannelTerms, notifierConfigSchema } from './config.ts';
