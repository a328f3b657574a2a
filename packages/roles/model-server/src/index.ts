export { modelServerConfigSchema, type ModelServerConfig } from './config.ts';
export { createModelServer, type ModelServerOptions } from './model-server.ts';
